import { useQueryClient } from "@tanstack/react-query";
import { call } from "../api/http";
import { useNotices } from "../api/queries";
import { Notice } from "../components/basics";
import { friendlyTime } from "./format";
import type { Home } from "./session";

// What happened to the account itself, until its owner has read it.

const words: Record<string, string> = {
  "recovery-begun": "Somebody showed your recovery code",
  recovered: "Your account came back by its recovery code",
  "recovery-code": "A new recovery code was made",
  password: "Your password was changed",
  readmitted: "A privacy officer lets your recovery code stand for both factors",
};

export function Notices({ home }: { home: Home }) {
  const queries = useQueryClient();
  const notices = useNotices(home.home);
  if (!notices.data || notices.data.length === 0) return null;
  const newest = notices.data[notices.data.length - 1]?.time ?? 0;
  const read = async () => {
    await call(`/api/notices?until=${newest}`, { home: home.home, method: "DELETE" });
    await queries.invalidateQueries({ queryKey: [home.home, "notices"] });
  };
  return (
    <Notice tone="warn" icon="key">
      <div className="stack tight">
        <ul>
          {notices.data.map((notice) => (
            <li key={`${notice.kind}${notice.time}`}>
              {words[notice.kind] ?? notice.kind}, {friendlyTime(notice.time)}.
            </li>
          ))}
        </ul>
        <p>Was this not you? Change your password in Settings, and tell your clinic.</p>
        <div className="acts">
          <button className="btn" type="button" onClick={() => void read().catch(() => undefined)}>
            I know of this
          </button>
        </div>
      </div>
    </Notice>
  );
}
