;; Tries to open a file that is outside of the folder it is given, in every way that a path has and by links that it makes itself, and
;; prints which its runtime let in.
(module
  (import "wasi_snapshot_preview1" "path_open"
    (func $path_open (param i32 i32 i32 i32 i32 i64 i64 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "path_symlink" (func $path_symlink (param i32 i32 i32 i32 i32) (result i32)))
  (import "wasi_snapshot_preview1" "fd_write" (func $fd_write (param i32 i32 i32 i32) (result i32)))
  (memory (export "memory") 1)

  ;; 0: an I/O vector and a count for what is printed; 16: the descriptor of what was opened.
  (data (i32.const 64) "control: ")
  (data (i32.const 80) "own.txt")
  (data (i32.const 96) "dotdot: ")
  (data (i32.const 112) "../../../../../../../../../../../../etc/passwd")
  (data (i32.const 192) "inner dotdot: ")
  (data (i32.const 208) "folder/../../../../../../../../../../../../etc/passwd")
  (data (i32.const 288) "absolute: ")
  (data (i32.const 304) "/etc/passwd")
  (data (i32.const 320) "relative link: ")
  (data (i32.const 336) "relative")
  (data (i32.const 352) "absolute link: ")
  (data (i32.const 368) "absolute")
  (data (i32.const 384) "link to a folder: ")
  (data (i32.const 408) "outside/passwd")
  (data (i32.const 448) "let in\n")
  (data (i32.const 456) "held\n")

  (global $folder (mut i32) (i32.const 3))

  ;; The folder is the one that has the guest's own file: some runtimes have folders of their own before it.
  (func $find
    (loop $next
      (if (i32.gt_u (global.get $folder) (i32.const 31)) (then (unreachable)))
      (if (call $open (i32.const 80) (i32.const 7)) (then
        (global.set $folder (i32.add (global.get $folder) (i32.const 1)))
        (br $next)))))

  ;; Opens a path from the folder for reading, following links, as a C library does.
  (func $open (param $path i32) (param $length i32) (result i32)
    (call $path_open (global.get $folder) (i32.const 1) (local.get $path) (local.get $length)
      (i32.const 0) (i64.const 2) (i64.const 0) (i32.const 0) (i32.const 16)))

  (func $print (param $from i32) (param $length i32)
    (i32.store (i32.const 0) (local.get $from))
    (i32.store (i32.const 4) (local.get $length))
    (drop (call $fd_write (i32.const 1) (i32.const 0) (i32.const 1) (i32.const 8))))

  (func $try (param $name i32) (param $nameLength i32) (param $path i32) (param $pathLength i32)
    (call $print (local.get $name) (local.get $nameLength))
    (if (call $open (local.get $path) (local.get $pathLength))
      (then (call $print (i32.const 456) (i32.const 5)))
      (else (call $print (i32.const 448) (i32.const 7)))))

  ;; A runtime that lets no link be made holds what is tried by it.
  (func $link (param $to i32) (param $toLength i32) (param $name i32) (param $nameLength i32)
    (drop (call $path_symlink (local.get $to) (local.get $toLength) (global.get $folder) (local.get $name) (local.get $nameLength))))

  (func (export "_start")
    (call $find)
    (call $link (i32.const 112) (i32.const 46) (i32.const 336) (i32.const 8))
    (call $link (i32.const 304) (i32.const 11) (i32.const 368) (i32.const 8))
    (call $link (i32.const 112) (i32.const 39) (i32.const 408) (i32.const 7))
    (call $try (i32.const 64) (i32.const 9) (i32.const 80) (i32.const 7))
    (call $try (i32.const 96) (i32.const 8) (i32.const 112) (i32.const 46))
    (call $try (i32.const 192) (i32.const 14) (i32.const 208) (i32.const 53))
    (call $try (i32.const 288) (i32.const 10) (i32.const 304) (i32.const 11))
    (call $try (i32.const 320) (i32.const 15) (i32.const 336) (i32.const 8))
    (call $try (i32.const 352) (i32.const 15) (i32.const 368) (i32.const 8))
    (call $try (i32.const 384) (i32.const 18) (i32.const 408) (i32.const 14))))
