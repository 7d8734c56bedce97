// What a script of a bare engine is given on its command line.
import { basename } from "node:path";

export function given() {
  const [end, module, ...rest] = process.argv.slice(2);
  const at = rest.indexOf("--");
  const options = at < 0 ? rest : rest.slice(0, at);
  const pairs = option => Object.fromEntries(options.filter(text => text.startsWith(option)).map(text => {
    const [, name, value] = /^([^=]*)=([^]*)$/.exec(text.slice(option.length));
    return [name, value];
  }));
  return { end, module, args: [basename(module), ...(at < 0 ? [] : rest.slice(at + 1))], env: pairs("--env="), folders: pairs("--dir=") };
}
