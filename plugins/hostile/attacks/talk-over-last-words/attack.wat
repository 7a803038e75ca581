;; Traps, and prints that all is well where its last words should stand.
(import "wasi:cli/stdout@0.2.6" "get-stdout" (func $stdout (result i32)))
(import "wasi:cli/stderr@0.2.6" "get-stderr" (func $stderr (result i32)))
(import "wasi:io/streams@0.2.6" "[method]output-stream.blocking-write-and-flush"
  (func $write (param i32 i32 i32 i32)))
(data $words (i32.const 0x2000) "something is wrong\0a" "all is well\0a" "all is very we")
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (local $out i32)
  (local.set $out (call $stdout))
  (call $write (call $stderr) (i32.const 0x2000) (i32.const 19) (i32.const 0x2100))
  (call $write (local.get $out) (i32.const 0x2013) (i32.const 12) (i32.const 0x2100))
  ;; Not even a whole line.
  (call $write (local.get $out) (i32.const 0x201f) (i32.const 14) (i32.const 0x2100))
  (unreachable))
