// Looks on from inside a guest's page: its marks are the cell's phases, and an uncaught error is the cell's end.
{
  const phases = ["compile", "link", "run"];
  const marks = () => performance.getEntriesByType("mark").map(mark => mark.name).filter(name => phases.includes(name));
  const failed = error =>
    conformanceFailed(
      JSON.stringify({ phase: marks().at(-1) ?? null, type: error?.name ?? "Error", message: error?.message ?? String(error) }),
    );

  new PerformanceObserver(list => {
    for (const { name } of list.getEntries()) if (phases.includes(name)) conformancePhase(name);
  }).observe({ type: "mark", buffered: true });
  addEventListener("error", event => failed(event.error ?? event));
  addEventListener("unhandledrejection", event => failed(event.reason));
}
