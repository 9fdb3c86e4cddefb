import { useEffect } from "react";

/** The page's name in the tab, for history, bookmarks and screen readers. */
export function useTitle(name: string): void {
  useEffect(() => {
    document.title = `${name} · Salus`;
  }, [name]);
}
