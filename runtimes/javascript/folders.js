// The folders of a guest, for hosts in which it may write in all of them.

/** Guest path → folder; and why that can't be all that the scenario wants, in words, or null. */
export function writable(preopens, host) {
  const entries = Object.entries(preopens ?? {});
  const readOnly = entries.find(([, preopen]) => preopen.readOnly);
  return {
    folders: Object.fromEntries(entries.map(([path, preopen]) => [path, preopen.folder ?? preopen])),
    unprovidable: readOnly ? `${host} has no read-only folders, and '${readOnly[0]}' is one` : null,
  };
}
