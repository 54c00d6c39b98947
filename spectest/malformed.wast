;; Every way in which bytes are no module: each error of the decoder once, and
;; what the official suite leaves out about it.

;; The header.
(assert_malformed (module binary "\00as\01\00\00\00\01") "magic header not detected")
(assert_malformed (module binary "\00asm\02\00\00\00") "unknown binary version")
(assert_malformed (module binary "\00asm\0d\00\01\00")
  "a component, where a core module is expected")
(assert_malformed (module binary "\00asm\01\00") "unexpected end")

;; Sections.
(assert_malformed (module binary "\00asm\01\00\00\00" "\0e\00")
  "malformed section id")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\00")
  "length out of bounds")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\80\80\80\80\80\00")
  "integer representation too long")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\ff\ff\ff\ff\7f")
  "integer too large")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\02\00\00")
  "section size mismatch")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\03\01\00" "\01\01\00")
  "unexpected content after last section")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00")
  "function and code section have inconsistent lengths")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\0c\01\01" "\0b\01\00")
  "data count and data section have inconsistent lengths")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\07\01\05\00\fc\09\00\0b"                     ;; data.drop 0
    "\0b\03\01\01\00")
  "data count section required")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\02\06\01\01\ff\00\00\00")
  "malformed UTF-8 encoding")

;; Types.
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\02\01\40")
  "malformed type form")
(assert_malformed (module binary "\00asm\01\00\00\00" "\01\05\01\60\01\79\00")
  "malformed value type")
(assert_malformed (module binary "\00asm\01\00\00\00" "\04\04\01\7f\00\00")
  "malformed reference type")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\02\06\01\00\00\03\7f\02")
  "malformed mutability")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\02\05\01\00\00\05\00")
  "malformed import kind")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\07\04\01\00\05\00")
  "malformed export kind")
(assert_malformed (module binary "\00asm\01\00\00\00" "\05\03\01\10\00")
  "malformed limits flags")
(assert_malformed (module binary "\00asm\01\00\00\00" "\05\04\01\08\00\41")
  "invalid custom page size")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\0d\03\01\01\00")
  "malformed tag attribute")

;; Segments.
(assert_malformed (module binary "\00asm\01\00\00\00" "\09\02\01\08")
  "malformed segment flags")
(assert_malformed (module binary "\00asm\01\00\00\00" "\0b\02\01\03")
  "malformed segment flags")
(assert_malformed (module binary "\00asm\01\00\00\00" "\09\04\01\01\01\00")
  "malformed element kind")

;; Code, in a function without parameters and results; the table and the memory
;; are there for instructions that need them.
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\05\01\03\00\ff\0b")
  "illegal opcode")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\08\01\06\00\02\c1\7f\0b\0b")                   ;; block of type -63
  "malformed block type")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\05\03\01\00\01"
    "\0a\0c\01\0a\00\41\00\28\80\01\00\1a\0b\0b")       ;; i32.load, flags 0x80
  "malformed memop flags")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\07\01\05\00\fe\03\01\0b")                      ;; atomic.fence 1
  "zero byte expected")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\04\07\01\40\01\70\00\00\0b")
  "zero byte expected")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0a\01\08\00\1f\40\01\04\00\0b\0b")             ;; catch clause 4
  "malformed catch clause")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0c\01\0a\00\fb\18\04\00\6e\6d\1a\0b\0b")       ;; br_on_cast, flags 4
  "malformed cast flags")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\0c\01\0a\02\ff\ff\ff\ff\0f\7f\01\7f\0b")
  "too many locals")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\01\04\01\60\00\00" "\03\02\01\00"
    "\0a\05\01\03\00\05\0b")                            ;; else without if
  "END opcode expected")
(assert_malformed
  (module binary "\00asm\01\00\00\00" "\06\06\01\7f\00\41\00\41")
  "unexpected end")

;; Custom sections are no reason to refuse a module, whatever is in them.
(module binary "\00asm\01\00\00\00" "\00\07\04name\7f\01")
(module binary "\00asm\01\00\00\00" "\00\09\04name\00\02\02t")
(assert_malformed_custom
  (module binary "\00asm\01\00\00\00" "\00\09\04name\00\02\02t")
  "malformed custom section")
(assert_malformed_custom
  (module binary "\00asm\01\00\00\00"
    "\00\1c\19metadata.code.branch_hint\01\00")
  "malformed custom section")
