-- JSON, small and strict, for program.lua.
local json, null = {}, setmetatable({}, { __name = "null" })

local escapes = { ['"'] = '"', ["\\"] = "\\", ["/"] = "/", b = "\b", f = "\f",
                  n = "\n", r = "\r", t = "\t" }

local function fail(at, what) error(("%s at %d"):format(what, at), 0) end

local parse

local function skip(text, at) return text:match("^[ \t\r\n]*()", at) end

local function parse_string(text, at)
    local out = {}
    while true do
        local plain, stop = text:match('^([^"\\]*)()', at)
        out[#out + 1], at = plain, stop
        local sign = text:sub(at, at)
        if sign == "" then fail(at, "open string") end
        if sign == '"' then return table.concat(out), at + 1 end
        local code, low = text:match("^\\u(%x%x%x%x)", at), nil
        if code then
            code, at = tonumber(code, 16), at + 6
            if code >= 0xD800 and code < 0xDC00 then
                low = text:match("^\\u([dD][c-fC-F]%x%x)", at) or fail(at, "lone surrogate")
                code, at = 0x10000 + ((code & 0x3FF) << 10) + (tonumber(low, 16) & 0x3FF), at + 6
            end
            out[#out + 1] = utf8.char(code)
        else
            out[#out + 1] = escapes[text:sub(at + 1, at + 1)] or fail(at, "unknown escape")
            at = at + 2
        end
    end
end

local function parse_list(text, at, stop, item)
    at = skip(text, at)
    if text:sub(at, at) == stop then return at + 1 end
    while true do
        at = skip(text, item(skip(text, at)))
        local sign = text:sub(at, at)
        if sign == stop then return at + 1 end
        if sign ~= "," then fail(at, "expected , or " .. stop) end
        at = at + 1
    end
end

local function parse_array(text, at)
    local array = { n = 0 }
    return array, parse_list(text, at, "]", function(here)
        array.n = array.n + 1
        array[array.n], here = parse(text, here)
        return here
    end)
end

local function parse_object(text, at)
    local object = {}
    return object, parse_list(text, at, "}", function(here)
        if text:sub(here, here) ~= '"' then fail(here, "expected a key") end
        local key
        key, here = parse_string(text, here + 1)
        here = skip(text, here)
        if text:sub(here, here) ~= ":" then fail(here, "expected :") end
        object[key], here = parse(text, skip(text, here + 1))
        return here
    end)
end

local constants = { ["true"] = true, ["false"] = false, null = null }

function parse(text, at)
    local sign = text:sub(at, at)
    if sign == '"' then return parse_string(text, at + 1) end
    if sign == "[" then return parse_array(text, at + 1) end
    if sign == "{" then return parse_object(text, at + 1) end
    local word = text:match("^%l+", at)
    if word and constants[word] ~= nil then return constants[word], at + #word end
    local number = text:match("^-?[1-9]%d*[%d.eE+-]*", at) or text:match("^-?0[.eE]?[%d.eE+-]*", at)
    if not number or number:match "^-?0%d" or not tonumber(number) then
        fail(at, "expected a value")
    end
    return tonumber(number), at + #number
end

function json.decode(text)
    local value, at = parse(text, skip(text, 1))
    at = skip(text, at)
    if at <= #text then fail(at, "more after the value") end
    return value
end

function json.encode(value)
    if value == null then return "null" end
    if type(value) == "string" then
        return '"' .. value:gsub('[%c"\\]', function(c) return ("\\u%04x"):format(c:byte()) end) .. '"'
    end
    if type(value) ~= "table" then return tostring(value) end
    local parts = {}
    if value.n then
        for i = 1, value.n do parts[i] = json.encode(value[i]) end
        return "[" .. table.concat(parts, ",") .. "]"
    end
    for key, item in pairs(value) do
        parts[#parts + 1] = json.encode(key) .. ":" .. json.encode(item)
    end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
end

return json
