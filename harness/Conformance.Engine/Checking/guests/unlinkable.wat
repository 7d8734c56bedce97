;; Nobody provides nobody::nothing: it must not link. Where it does all the same, calling it must trap.
(module
  (import "env" "main.incrementCount" (func $increment))
  (import "nobody" "nothing" (func $nothing (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (call $increment) (call $nothing (f64.const 0))))
