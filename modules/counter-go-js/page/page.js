// Loads the Go program and gives the button its counter. The page's query
// is the program's environment: COUNTER_URL says where the counter is.
// The marks (compile, link, run) tell a harness that looks on how far the page is;
// what goes wrong is shown, and reported like any uncaught error.
const button = document.querySelector("#increment");
const output = document.querySelector("#count");
const problem = document.querySelector("#problem");

function fail(error) {
  problem.textContent = error.message;
  reportError(error);
}

/** Starts the program: it has made NewCounter when it waits for the first time. */
async function load() {
  const go = new Go();
  go.env = Object.fromEntries(new URLSearchParams(location.search));
  performance.mark("compile");
  const module = await WebAssembly.compileStreaming(fetch("module.wasm"));
  performance.mark("link");
  const instance = await WebAssembly.instantiate(module, go.importObject);
  performance.mark("run");
  go.run(instance).then(() => fail(new Error("the Go program has ended")), fail);
  return NewCounter();
}

try {
  const counter = await load();
  const show = async () => {
    output.textContent = `count: ${await counter.Count()}`;
  };
  await show();

  // Clicks that come while one is still under way wait for it, so that the count that is shown never goes back.
  let last = Promise.resolve();
  let waiting = 0;
  button.addEventListener("click", () => {
    waiting++;
    output.ariaBusy = "true";
    last = last.then(() => counter.IncrementCounter()).then(show).catch(fail).finally(() => {
      if (--waiting === 0) output.ariaBusy = "false";
    });
  });
  output.ariaBusy = "false";
  button.disabled = false;
} catch (error) {
  fail(error);
}
