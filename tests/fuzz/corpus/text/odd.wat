;; comments (; nested (; block ;) ;) and annotations
(@custom "x" (after func) "data")
(module quote "(func)")
(module binary "\00asm" "\01\00\00\00")
(module (func (result f64) (f64.const nan:0x8000000000000)) (func (result
i64) i64.const 0xffff_ffff) (rec (type (struct (field i8 (mut (ref null 0)))))))
