// The host functions have dots in their names: @external gives an import any name.
@external("env", "main.incrementCount")
declare function incrementCount(): void;

@external("env", "main.getCount")
declare function getCount(): i32;

export function run(): i32 {
  for (let i = 0; i < 10; i++) incrementCount();
  return getCount();
}
