;; Nobody provides nobody::nothing: it must not link.
(module
  (import "env" "main.incrementCount" (func $increment))
  (import "nobody" "nothing" (func (param f64)))
  (memory (export "memory") 1)
  (func (export "_start") (call $increment)))
