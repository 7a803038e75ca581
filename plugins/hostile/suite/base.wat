;; An honest definition in little: everybody scores 0. An attack says what differs: a form that has a name stands in for
;; the one of that name here.
(import "groundswell:plugin/log@0.1.0" "log" (func $log (param i32 i32 i32)))
(import "[export]groundswell:plugin/scoring@0.1.0" "[resource-new]model" (func $resource-new (param i32) (result i32)))
(import "[export]groundswell:plugin/scoring@0.1.0" "[resource-rep]model" (func $resource-rep (param i32) (result i32)))
(import "[export]groundswell:plugin/scoring@0.1.0" "[resource-drop]model" (func $resource-drop (param i32)))

(memory $memory 8)
(export "memory" (memory $memory))
(global $top (mut i32) (i32.const 0x40000))

;; Room for what the host hands over; never given back.
(func $realloc (param $old i32) (param $old-size i32) (param $align i32) (param $size i32) (result i32)
  (local $at i32)
  (local.set $at
    (i32.and
      (i32.add (global.get $top) (i32.sub (local.get $align) (i32.const 1)))
      (i32.sub (i32.const 0) (local.get $align))))
  (global.set $top (i32.add (local.get $at) (local.get $size)))
  (block $enough
    (br_if $enough
      (i32.le_u (global.get $top) (i32.mul (memory.size) (i32.const 65536))))
    (drop (memory.grow (i32.add (i32.shr_u (local.get $size) (i32.const 16)) (i32.const 1)))))
  (local.get $at))
(export "cabi_realloc" (func $realloc))

;; The description, one input and one tier: pointers and lengths of texts and lists.
(data $description (i32.const 0x100)
  "\00\10\00\00{name-bytes}\80\10\00\00\05\00\00\00\90\10\00\00\0a\00\00\00"
  "\00\02\00\00\01\00\00\00\00\00\00\00\00\00\00\00\00\03\00\00\01\00\00\00\00\00\00\00\00\00\00\00")
(data $input (i32.const 0x200)
  "\a0\10\00\00\07\00\00\00\00\01\00\00\90\10\00\00\0a\00\00\00\00\00\00\00")
(data $tier (i32.const 0x300)
  "\b0\10\00\00\06\00\00\00\b0\10\00\00\06\00\00\00\90\10\00\00\0a\00\00\00\00\00\00\00")
(data $name (i32.const 0x1000) "{name}")
(data $version (i32.const 0x1080) "0.1.0")
(data $summary (i32.const 0x1090) "Zero each.")
(data $metric (i32.const 0x10a0) "answers")
(data $id (i32.const 0x10b0) "member")

(func $describe (result i32) (i32.const 0x100))
(export "groundswell:plugin/scoring@0.1.0#describe" (func $describe))

(func $fit (param i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 0x400) (i32.const 0))
  (i32.store (i32.const 0x404) (call $resource-new (i32.const 1)))
  (i32.const 0x400))
(export "groundswell:plugin/scoring@0.1.0#[static]model.fit" (func $fit))

;; Zeros begin at 64 KiB.
(func $score (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (i32.store8 (i32.const 0x500) (i32.const 0))
  (i32.store (i32.const 0x504) (i32.const 0x10000))
  (i32.store (i32.const 0x508) (local.get $rows))
  (i32.const 0x500))
(export "groundswell:plugin/scoring@0.1.0#[method]model.score" (func $score))

(func $place (param $self i32) (param $rows i32) (param $columns i32) (param $count i32)
  (param i32 i32 i32 i32 i32 i32) (result i32)
  (i32.store8 (i32.const 0x500) (i32.const 0))
  (i32.store (i32.const 0x504) (i32.const 0x10000))
  (i32.store (i32.const 0x508) (local.get $rows))
  (i32.store (i32.const 0x50c) (i32.const 0))
  (i32.store (i32.const 0x510) (i32.const 0))
  (i32.const 0x500))
(export "groundswell:plugin/scoring@0.1.0#[method]model.place" (func $place))

(func $explain (param $self i32) (param $rows i32) (param $columns i32) (param $count i32) (result i32)
  (i32.store8 (i32.const 0x500) (i32.const 0))
  (f64.store (i32.const 0x508) (f64.const 0))
  (i32.store (i32.const 0x510) (i32.const 0x600))
  (i32.store (i32.const 0x514) (i32.const 1))
  (i32.store (i32.const 0x600) (i32.const 0x10000))
  (i32.store (i32.const 0x604) (local.get $rows))
  (i32.const 0x500))
(export "groundswell:plugin/scoring@0.1.0#[method]model.explain" (func $explain))

(func $destroy (param i32))
(export "groundswell:plugin/scoring@0.1.0#[dtor]model" (func $destroy))
