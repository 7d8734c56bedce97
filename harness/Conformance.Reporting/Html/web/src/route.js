// Where the reader is, all of it in the URL's fragment: #/matrix?q=is:split&sort=agreement, #/cell/counter-c/ten-increments/wasmtime.

/** { view, path, query } of the current URL. */
export function current() {
  const [path, query] = location.hash.replace(/^#\/?/, "").split("?", 2);
  const [view, ...rest] = path.split("/").map(decodeURIComponent);
  return { view: view || "matrix", path: rest, query: new URLSearchParams(query ?? "") };
}

/** A link to a view; the query leaves out what is empty. */
export function link(view, path = [], query = {}) {
  const parameters = new URLSearchParams(Object.entries(query).filter(([, value]) => value));
  return `#/${[view, ...path].map(encodeURIComponent).join("/")}${parameters.size > 0 ? `?${parameters}` : ""}`;
}

/** Changes the URL without a new entry in the browser's history: for what is typed. */
export function replace(url) {
  history.replaceState(null, "", url);
  dispatchEvent(new HashChangeEvent("hashchange"));
}
