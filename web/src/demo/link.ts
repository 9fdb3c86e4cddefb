import { useEffect, useState } from "react";
import { errorText } from "../api/http";
import { addHome, homeOf } from "../app/session";
import { vault } from "../crypto/client";

// `/#demo=<key>.<name>`: the key of a demo slot travels in the fragment, which no browser sends.
// Several homes may come in one link, separated by commas; the strip then switches between them.

export interface DemoLink {
  key: string;
  name: string;
}

const storeKey = "salus.demo";

/** Takes the key out of the address at once, so that it stays in no history. */
export function readDemoLink(): DemoLink[] {
  const match = /^#demo=(.+)$/.exec(location.hash);
  if (!match?.[1]) return [];
  const links: DemoLink[] = [];
  for (const part of match[1].split(",")) {
    const at = part.indexOf(".");
    if (at > 0)
      links.push({ key: part.slice(0, at), name: decodeURIComponent(part.slice(at + 1)) });
  }
  history.replaceState(null, "", location.pathname + location.search);
  keepLinks(links);
  return links;
}

// Demo keys open made-up people only, so this tab may remember them to switch homes.
export function knownDemoLinks(): DemoLink[] {
  try {
    return JSON.parse(sessionStorage.getItem(storeKey) ?? "[]") as DemoLink[];
  } catch {
    return [];
  }
}

function keepLinks(links: DemoLink[]): void {
  const others = knownDemoLinks().filter((old) => !links.some((link) => link.name === old.name));
  try {
    sessionStorage.setItem(storeKey, JSON.stringify([...others, ...links]));
  } catch {
    // Without storage the strip shows the homes opened since the tab began.
  }
}

export async function openDemo(link: DemoLink): Promise<void> {
  const { session } = await vault("demoSignIn", { name: link.name, key: link.key });
  addHome(homeOf(session, true));
}

export function useDemoLink(links: DemoLink[]): { busy: boolean; error: string | undefined } {
  const [state, setState] = useState<{ busy: boolean; error: string | undefined }>({
    busy: links.length > 0,
    error: undefined,
  });
  useEffect(() => {
    let current = true;
    const openAll = async () => {
      for (const link of [...links].reverse()) await openDemo(link);
    };
    if (links.length > 0) {
      openAll().then(
        () => current && setState({ busy: false, error: undefined }),
        (error: unknown) => current && setState({ busy: false, error: errorText(error) }),
      );
    }
    return () => {
      current = false;
    };
  }, [links]);
  return state;
}
