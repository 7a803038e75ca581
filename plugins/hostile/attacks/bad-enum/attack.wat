;; Asks for an input on a scale that does not exist.
(data $input (i32.const 0x200)
  "\a0\10\00\00\07\00\00\00\09\01\00\00\90\10\00\00\0a\00\00\00\00\00\00\00")
