;; A command with two arguments: an operation and a path. The operation is a letter: s takes a shared lock on bytes 10 to 19,
;; x an exclusive one, u takes an exclusive one and gives bytes 10 to 14 back, i asks whether others hold one, t takes an
;; exclusive lock and then, through a second opening, a shared one.
;; Exits with 0 for false, 1 for true, 10 + the failure of an opening, 20 + that of an operation.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit-with-code" (func (param "status-code" u8)))))
  (import "pylon:files/locks@0.1.0" (instance $locks
    (type $access-type (enum "shared" "exclusive"))
    (export "access" (type $access (eq $access-type)))
    (type $failure-type (enum "not-permitted" "missing" "not-a-file" "unsupported" "io"))
    (export "failure" (type $failure (eq $failure-type)))
    (export "file-lock" (type $lock (sub resource)))
    (export "[static]file-lock.open" (func (param "path" string) (result (result (own $lock) (error $failure)))))
    (export "[method]file-lock.lock" (func (param "self" (borrow $lock)) (param "access" $access) (param "start" u64)
      (param "length" u64) (result (result bool (error $failure)))))
    (export "[method]file-lock.unlock" (func (param "self" (borrow $lock)) (param "start" u64) (param "length" u64)
      (result (result (error $failure)))))
    (export "[method]file-lock.is-locked" (func (param "self" (borrow $lock)) (param "access" $access) (param "start" u64)
      (param "length" u64) (result (result bool (error $failure)))))))
  (alias export $locks "file-lock" (type $lock))
  (core module $memory
    (memory (export "memory") 2)
    (global $next (mut i32) (i32.const 1024))
    (func (export "realloc") (param i32 i32 i32 i32) (result i32)
      (global.set $next (i32.and (i32.add (global.get $next) (i32.const 7)) (i32.const -8)))
      global.get $next
      (global.set $next (i32.add (global.get $next) (local.get 3)))))
  (core instance $memory (instantiate $memory))
  (core func $arguments (canon lower (func $environment "get-arguments")
    (memory (core memory $memory "memory")) (realloc (core func $memory "realloc"))))
  (core func $exit (canon lower (func $exit "exit-with-code")))
  (core func $open (canon lower (func $locks "[static]file-lock.open") (memory (core memory $memory "memory"))))
  (core func $take (canon lower (func $locks "[method]file-lock.lock") (memory (core memory $memory "memory"))))
  (core func $give (canon lower (func $locks "[method]file-lock.unlock") (memory (core memory $memory "memory"))))
  (core func $ask (canon lower (func $locks "[method]file-lock.is-locked") (memory (core memory $memory "memory"))))
  (core func $drop (canon resource.drop $lock))
  (core module $main
    (import "memory" "memory" (memory 1))
    (import "host" "arguments" (func $arguments (param i32)))
    (import "host" "exit" (func $exit (param i32)))
    (import "host" "open" (func $open (param i32 i32 i32)))
    (import "host" "take" (func $take (param i32 i32 i64 i64 i32)))
    (import "host" "give" (func $give (param i32 i64 i64 i32)))
    (import "host" "ask" (func $ask (param i32 i32 i64 i64 i32)))
    (import "host" "drop" (func $drop (param i32)))
    ;; An opening of the file that the second argument names.
    (func $opened (result i32)
      (local $list i32)
      (local.set $list (i32.load (i32.const 0)))
      (call $open (i32.load offset=8 (local.get $list)) (i32.load offset=12 (local.get $list)) (i32.const 16))
      (if (i32.load8_u (i32.const 16)) (then
        (call $exit (i32.add (i32.const 10) (i32.load8_u (i32.const 20))))))
      (i32.load (i32.const 20)))
    ;; What the last operation said.
    (func $said (result i32)
      (if (i32.load8_u (i32.const 32)) (then
        (call $exit (i32.add (i32.const 20) (i32.load8_u (i32.const 33))))))
      (i32.load8_u (i32.const 33)))
    (func $locked (param $lock i32) (param $access i32) (result i32)
      (call $take (local.get $lock) (local.get $access) (i64.const 10) (i64.const 10) (i32.const 32))
      (call $said))
    (func (export "run") (result i32)
      (local $letter i32)
      (local $lock i32)
      (call $arguments (i32.const 0))
      (local.set $letter (i32.load8_u (i32.load (i32.load (i32.const 0)))))
      (local.set $lock (call $opened))
      (if (i32.eq (local.get $letter) (i32.const 115)) (then ;; s
        (call $exit (call $locked (local.get $lock) (i32.const 0)))))
      (if (i32.eq (local.get $letter) (i32.const 120)) (then ;; x
        (call $exit (call $locked (local.get $lock) (i32.const 1)))))
      (if (i32.eq (local.get $letter) (i32.const 117)) (then ;; u
        (drop (call $locked (local.get $lock) (i32.const 1)))
        (call $give (local.get $lock) (i64.const 10) (i64.const 5) (i32.const 32))
        (drop (call $said))
        (call $ask (call $opened) (i32.const 1) (i64.const 10) (i64.const 5) (i32.const 32))
        (call $exit (call $said))))
      (if (i32.eq (local.get $letter) (i32.const 105)) (then ;; i
        (call $ask (local.get $lock) (i32.const 1) (i64.const 0) (i64.const 0) (i32.const 32))
        (call $exit (call $said))))
      (if (i32.eq (local.get $letter) (i32.const 116)) (then ;; t
        (drop (call $locked (local.get $lock) (i32.const 1)))
        (if (call $locked (call $opened) (i32.const 0)) (then (call $exit (i32.const 1))))
        (call $drop (local.get $lock))
        (call $exit (i32.sub (i32.const 1) (call $locked (call $opened) (i32.const 0))))))
      unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance
      (export "arguments" (func $arguments)) (export "exit" (func $exit)) (export "open" (func $open))
      (export "take" (func $take)) (export "give" (func $give)) (export "ask" (func $ask)) (export "drop" (func $drop))))
    (with "memory" (instance $memory))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
