;; Describes itself in bytes that are no text.
(data $summary (i32.const 0x1090) "\ff\fe\c0\80ro each.")
