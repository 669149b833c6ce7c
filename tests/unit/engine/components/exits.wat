;; A command that exits with as many as it has arguments.
(component
  (import "wasi:cli/environment@0.2.0" (instance $environment
    (export "get-arguments" (func (result (list string))))))
  (import "wasi:cli/exit@0.2.0" (instance $exit
    (export "exit-with-code" (func (param "status-code" u8)))))
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
  (core module $main
    (import "host" "arguments" (func $arguments (param i32)))
    (import "host" "exit" (func $exit (param i32)))
    (import "memory" "memory" (memory 1))
    (func (export "run") (result i32)
      (call $arguments (i32.const 0))
      (call $exit (i32.load (i32.const 4)))
      unreachable))
  (core instance $main (instantiate $main
    (with "host" (instance (export "arguments" (func $arguments)) (export "exit" (func $exit))))
    (with "memory" (instance $memory))))
  (func $run (result (result)) (canon lift (core func $main "run")))
  (instance $exported (export "run" (func $run)))
  (export "wasi:cli/run@0.2.0" (instance $exported)))
