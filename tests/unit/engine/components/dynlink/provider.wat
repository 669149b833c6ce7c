;; world: provider
;; Does what the first letter of the method says, also what a provider must not do.
(module
  (import "compose:dynlink/linker@0.1.0" "resolve-by-id" (func $resolve (param i32 i32 i32)))
  (import "compose:dynlink/linker@0.1.0" "[method]instance.invoke" (func $invoke (param i32 i32 i32 i32 i32 i32)))
  (import "compose:dynlink/linker@0.1.0" "[resource-drop]instance" (func $drop (param i32)))
  (import "compose:dynlink/callback@0.1.0" "call" (func $call_back (param i32 i32 i32 i32 i32)))
  (import "wasi:cli/exit@0.2.0" "exit" (func $exit (param i32)))
  (memory (export "memory") 2)
  (data (i32.const 0) "0123456789abcdef0123456789abcdef")  ;; the schema's digest
  (data (i32.const 64) "e")
  (data (i32.const 65) "no, never")
  (global $free (mut i32) (i32.const 1024))
  (global $depth (mut i32) (i32.const 0))
  (global $calls (mut i32) (i32.const 0))

  (func $allocate (export "cabi_realloc") (param $old i32) (param $old_size i32) (param $align i32) (param $size i32) (result i32)
    (local $at i32) (local $missing i32)
    (local.set $at (i32.and (i32.add (global.get $free) (i32.const 15)) (i32.const -16)))
    (global.set $free (i32.add (local.get $at) (local.get $size)))
    (local.set $missing (i32.sub (i32.shr_u (i32.add (global.get $free) (i32.const 65535)) (i32.const 16)) (memory.size)))
    (if (i32.gt_s (local.get $missing) (i32.const 0))
      (then (if (i32.eq (memory.grow (local.get $missing)) (i32.const -1)) (then unreachable))))
    (local.get $at))
  (func $new (param $size i32) (result i32)
    (call $allocate (i32.const 0) (i32.const 0) (i32.const 16) (local.get $size)))

  (func (export "compose:dynlink/endpoint@0.1.0#schema-digest") (result i32)
    (i32.store (i32.const 80) (i32.const 0))
    (i32.store (i32.const 84) (i32.const 32))
    (i32.const 80))

  ;; result<list<u8>, error>: ok(data)
  (func $ok (param $data i32) (param $size i32) (result i32)
    (local $out i32)
    (local.set $out (call $new (i32.const 20)))
    (i32.store8 (local.get $out) (i32.const 0))
    (i32.store offset=4 (local.get $out) (local.get $data))
    (i32.store offset=8 (local.get $out) (local.get $size))
    (local.get $out))
  (func $number (param $value i32) (result i32)
    (local $data i32)
    (local.set $data (call $new (i32.const 4)))
    (i32.store (local.get $data) (local.get $value))
    (call $ok (local.get $data) (i32.const 4)))
  (func $deep (param $n i32) (result i32)
    (i32.add (call $deep (i32.add (local.get $n) (i32.const 1))) (i32.const 1)))
  ;; calls `method` of the provider that the payload names, with the payload
  (func $forward (param $method i32) (param $method_size i32) (param $data i32) (param $size i32) (result i32)
    (local $out i32) (local $handle i32)
    (local.set $out (call $new (i32.const 20)))
    (call $resolve (local.get $data) (local.get $size) (local.get $out))
    (if (i32.load8_u (local.get $out))
      (then ;; failure -> error.failed
        (i32.store offset=16 (local.get $out) (i32.load offset=12 (local.get $out)))
        (i32.store offset=12 (local.get $out) (i32.load offset=8 (local.get $out)))
        (i32.store8 offset=8 (local.get $out) (i32.load8_u offset=4 (local.get $out)))
        (i32.store8 offset=4 (local.get $out) (i32.const 1))
        (return (local.get $out))))
    (local.set $handle (i32.load offset=4 (local.get $out)))
    (call $invoke (local.get $handle) (local.get $method) (local.get $method_size) (local.get $data) (local.get $size) (local.get $out))
    (call $drop (local.get $handle))
    (local.get $out))

  (func (export "compose:dynlink/endpoint@0.1.0#handle") (param $method i32) (param $method_size i32) (param $data i32) (param $size i32) (result i32)
    (local $out i32) (local $letter i32)
    (global.set $depth (i32.add (global.get $depth) (i32.const 1)))
    (global.set $calls (i32.add (global.get $calls) (i32.const 1)))
    (local.set $letter (i32.load8_u (local.get $method)))
    (if (i32.eq (local.get $letter) (i32.const 0x65)) ;; e: echo
      (then (return (call $ok (local.get $data) (local.get $size)))))
    (if (i32.eq (local.get $letter) (i32.const 0x6b)) ;; k: how many calls this instance has seen
      (then (return (call $number (global.get $calls)))))
    (if (i32.eq (local.get $letter) (i32.const 0x72)) ;; r: the method's own error
      (then
        (local.set $out (call $new (i32.const 20)))
        (i32.store8 (local.get $out) (i32.const 1))
        (i32.store8 offset=4 (local.get $out) (i32.const 0))
        (i32.store offset=8 (local.get $out) (local.get $data))
        (i32.store offset=12 (local.get $out) (local.get $size))
        (return (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x66)) ;; f: failed(bad-payload)
      (then
        (local.set $out (call $new (i32.const 20)))
        (i32.store8 (local.get $out) (i32.const 1))
        (i32.store8 offset=4 (local.get $out) (i32.const 1))
        (i32.store8 offset=8 (local.get $out) (i32.const 4))
        (i32.store offset=12 (local.get $out) (i32.const 65))
        (i32.store offset=16 (local.get $out) (i32.const 9))
        (return (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x63)) ;; c: calls back, with the rest of the method
      (then
        (local.set $out (call $new (i32.const 20)))
        (call $call_back (i32.add (local.get $method) (i32.const 1)) (i32.sub (local.get $method_size) (i32.const 1))
          (local.get $data) (local.get $size) (local.get $out))
        (return (local.get $out))))
    (if (i32.eq (local.get $letter) (i32.const 0x70)) ;; p: passes the rest of the method on to the provider that the payload names
      (then (return (call $forward (i32.add (local.get $method) (i32.const 1)) (i32.sub (local.get $method_size) (i32.const 1))
        (local.get $data) (local.get $size)))))
    (if (i32.eq (local.get $letter) (i32.const 0x64)) ;; d: the same method of that provider, without end
      (then (return (call $forward (local.get $method) (local.get $method_size) (local.get $data) (local.get $size)))))
    (if (i32.eq (local.get $letter) (i32.const 0x68)) ;; h: a list that lies outside of the memory
      (then (return (call $ok (i32.const 0) (i32.const 0x7fffffff)))))
    (if (i32.eq (local.get $letter) (i32.const 0x62)) ;; b: as many bytes as the payload's word says
      (then
        (local.set $size (i32.load (local.get $data)))
        (return (call $ok (call $new (local.get $size)) (local.get $size)))))
    (if (i32.eq (local.get $letter) (i32.const 0x67)) ;; g: all memory that there is; then its size in pages
      (then
        (block $full (loop $more
          (br_if $full (i32.eq (memory.grow (i32.const 16)) (i32.const -1)))
          (br $more)))
        (return (call $number (memory.size)))))
    (if (i32.eq (local.get $letter) (i32.const 0x6c)) ;; l: never returns
      (then (loop $forever (br $forever))))
    (if (i32.eq (local.get $letter) (i32.const 0x73)) ;; s: recursion without end
      (then (return (call $number (call $deep (i32.const 0))))))
    (if (i32.eq (local.get $letter) (i32.const 0x78)) ;; x: exits
      (then (call $exit (i32.const 1))))
    unreachable)

  (func (export "cabi_post_compose:dynlink/endpoint@0.1.0#handle") (param i32)
    (global.set $depth (i32.sub (global.get $depth) (i32.const 1)))
    (if (i32.eqz (global.get $depth)) (then (global.set $free (i32.const 1024)))))
)
