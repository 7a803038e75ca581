;; Describes ten thousand inputs, each with the same quarter of a megabyte for a reason: little memory, gigabytes to copy.
(func $describe (result i32)
  (local $at i32)
  (memory.fill (i32.const 0x40000) (i32.const 0x61) (i32.const 0x3ffff))
  (local.set $at (i32.const 0x2000))
  (loop $on
    (memory.copy (local.get $at) (i32.const 0x200) (i32.const 24))
    (i32.store offset=12 (local.get $at) (i32.const 0x40000))
    (i32.store offset=16 (local.get $at) (i32.const 0x3ffff))
    (local.set $at (i32.add (local.get $at) (i32.const 24)))
    (br_if $on (i32.lt_u (local.get $at) (i32.const 0x3d000))))
  (i32.store (i32.const 0x118) (i32.const 0x2000))
  (i32.store (i32.const 0x11c) (i32.const 10000))
  (i32.const 0x100))
