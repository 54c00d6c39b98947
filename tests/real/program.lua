-- A Lua program of some size: text, numbers, closures, coroutines, errors,
-- modules and files.  Called with the name of a large text file.
local json = require "json"

local function title(text)
    print(("-- %s %s"):format(text, ("-"):rep(60 - #text)))
end

-- Keys in order, since the order of a table is nobody's promise.
local function sorted(t, before)
    local keys = {}
    for key in pairs(t) do keys[#keys + 1] = key end
    table.sort(keys, before)
    local i = 0
    return function()
        i = i + 1
        return keys[i], t[keys[i]]
    end
end

title "words"
local input = assert(arg[1], "no input")
local words, lines, bytes = {}, 0, 0
for line in io.lines(input) do
    lines, bytes = lines + 1, bytes + #line + 1
    for word in line:gsub("<[^>]*>", " "):gmatch "%a+" do
        word = word:lower()
        words[word] = (words[word] or 0) + 1
    end
end
print(lines, bytes)
local shown = 0
for word, count in sorted(words, function(a, b)
    if words[a] ~= words[b] then return words[a] > words[b] end
    return a < b
end) do
    print(count, word)
    shown = shown + 1
    if shown == 12 then break end
end

title "sha256"
local sha256 = require "sha256"
local file <close> = assert(io.open(input, "rb"))
print(sha256(""), sha256("abc"))
print(sha256(file:read(20000)))
print(file:seek("cur"), file:seek("set", 100), file:read(10) == nil)

title "json"
local text = [[{"a":[1,2.5,-3e2,true,false,null],"b":{"nested":{"deep":[[],{}]}},
  "text":"tab\t quote\" slash\\ \u00e9 \ud83e\udd80","big":9007199254740993}]]
local value = json.decode(text)
print(json.encode(value))
assert(json.encode(json.decode(json.encode(value))) == json.encode(value))
for _, bad in ipairs { "", "[1,", '{"a" 1}', "[01]", '"\\x"', "[1] 2" } do
    print(pcall(json.decode, bad))
end

title "numbers"
print(7 // 2, -7 // 2, 7 % -3, -7.5 % 2, 2 ^ 0.5, 1 / 0, -1 / 0, 0 / 0 ~= 0 / 0)
print(math.maxinteger + 1 == math.mininteger, math.ult(1, -1), 1 << 63, 1 << 64, ~0)
print(("%5.2f|%-8s|%08x|%q|%g|%a"):format(math.pi, "left", 48879, "a\0b\n", 1e100, 0.5))
print(string.unpack("<i4 >I2 z s1", string.pack("<i4 >I2 z s1", -2, 513, "zero", "one")))
print(tostring(2 ^ 53), 2 ^ 53 | 0, math.tointeger "8", tonumber("zz", 36), tonumber "0x1p4")
print(pcall(function() return 1 // 0 end))
print(pcall(function() return 2 ^ 64 | 0 end))

title "objects"
local Vector = {}
Vector.__index = Vector
Vector.__add = function(a, b) return Vector.new(a.x + b.x, a.y + b.y) end
Vector.__eq = function(a, b) return a.x == b.x and a.y == b.y end
Vector.__lt = function(a, b) return a:norm() < b:norm() end
Vector.__tostring = function(v) return ("(%g, %g)"):format(v.x, v.y) end
Vector.__len = function() return 2 end
Vector.__call = function(v, f) return Vector.new(f(v.x), f(v.y)) end
Vector.__concat = function(a, b) return tostring(a) .. tostring(b) end
Vector.__close = function(v) print("close " .. tostring(v)) end
function Vector.new(x, y) return setmetatable({ x = x, y = y }, Vector) end
function Vector:norm() return math.sqrt(self.x ^ 2 + self.y ^ 2) end
local v, w = Vector.new(3, 4), Vector.new(1, 1)
print(v + w, v == Vector.new(3, 4), v < w, #v, v:norm(), v(math.sqrt), v .. w .. "!")
do
    local outer <close> = v
    local inner <close> = w
    goto out
end
::out::
local log = setmetatable({}, { __index = function(_, key) return key .. "?" end,
                               __newindex = function(t, k, x) rawset(t, k, x * 2) end })
log.a = 21
print(log.a, log.b)

title "coroutines"
local function permutations(list, n)
    n = n or #list
    if n <= 1 then
        coroutine.yield(table.concat(list))
    else
        for i = 1, n do
            list[n], list[i] = list[i], list[n]
            permutations(list, n - 1)
            list[n], list[i] = list[i], list[n]
        end
    end
end
local all = {}
for p in coroutine.wrap(function() permutations { "a", "b", "c", "d" } end) do
    all[#all + 1] = p
end
print(#all, table.concat(all, " "))
local co = coroutine.create(function(a)
    local ok, err = pcall(function() error { code = coroutine.yield(a + 1) } end)
    error("later: " .. err.code, 0)
end)
print(coroutine.resume(co, 1))
print(coroutine.resume(co, 42))
print(coroutine.status(co), coroutine.resume(co))

title "errors"
print(pcall(error))
print(select("#", pcall(error, nil)), pcall(error, { 1 }) == false)
print(xpcall(function() local x = nil; return x.field end,
    function(message) return "handled: " .. message end))
local function forever(n) return 1 + forever(n + 1) end
local ok, message = pcall(forever, 1)
print(ok, message:match "stack overflow")
print(pcall(string.rep, "x", 1 << 40))
print(load "return 1 +", load("return ...", "chunk", "t")(7))
print(pcall(string.gsub, "x", "%", ""))

title "files"
local name = "written.txt"
local out = assert(io.open(name, "w"))
out:setvbuf("full", 512)
for i = 1, 2000 do assert(out:write(i, "\t", i * i, "\n")) end
print(out:seek "end", out:close())
print(pcall(out.write, out, "x"))
local both = assert(io.open(name, "r+"))
print(both:seek("set", 5), both:read("n", "n", "L", "l"))
both:seek("set", 0)
both:write "FIRST"
both:seek("set", 0)
print(both:read "l", both:close())
local more = assert(io.open(name, "a"))
more:seek("set", 0)
more:write "appended\n"
more:close()
local count, last = 0, nil
for line in io.lines(name) do count, last = count + 1, line end
print(count, last)
print((select(2, io.open "no/such/file"))) -- the number of the error differs
print(io.open("../outside", "w") == nil or os.remove "../outside")
print(os.rename(name, "renamed.txt"), io.open(name) == nil)
print(os.remove "renamed.txt", (select(2, os.remove "renamed.txt")))
local copy = assert(io.open("copy.bin", "wb"))
for block in io.lines(input, 4096) do copy:write(block:reverse()) end
copy:close()
print(os.date("!%Y-%m-%d %H:%M:%S", 1e9), os.getenv "NO_SUCH_VARIABLE")
print(os.time { year = 2026, month = 11, day = 30, hour = 12 } > 0, type(os.clock()))

title "queens and garbage"
local function queens(n)
    local solutions, columns, up, down = 0, {}, {}, {}
    local function place(row)
        if row > n then solutions = solutions + 1 return end
        for c = 1, n do
            if not (columns[c] or up[row + c] or down[row - c + n]) then
                columns[c], up[row + c], down[row - c + n] = true, true, true
                place(row + 1)
                columns[c], up[row + c], down[row - c + n] = nil, nil, nil
            end
        end
    end
    place(1)
    return solutions
end
print(queens(7), queens(8))
local weak, finalized = setmetatable({}, { __mode = "k" }), 0
for i = 1, 1000 do
    weak[setmetatable({}, { __gc = function() finalized = finalized + 1 end })] = i
end
collectgarbage()
collectgarbage()
print(next(weak), finalized)
for mode in ("generational incremental"):gmatch "%a+" do
    collectgarbage(mode)
    local list
    for i = 1, 20000 do list = { next = list, i, tostring(i) } end
    print(mode, list[1], list.next.next[2])
end
local total = 0
for _, code in utf8.codes "añ漢🦀" do total = total + code end
print(total, utf8.len "añ漢🦀", utf8.char(0x1F980), utf8.len "\xff")
io.stderr:write "done\n"
os.exit(7, true)
