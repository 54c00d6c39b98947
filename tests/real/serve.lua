-- A CGI program: what a request says, forms, a redirect, large bodies both ways.
local method = os.getenv("REQUEST_METHOD")
local path = os.getenv("PATH_INFO") or ""
local query = os.getenv("QUERY_STRING") or ""
local block = 64 * 1024

local function head(status, more)
    io.write("Status: ", status, "\r\nContent-Type: text/plain\r\n", more or "",
             "\r\n")
end

-- The length and a sum of all bytes.
local function digest()
    local len, sum = 0, 1
    for part in function() return io.read(block) end do
        len = len + #part
        for i = 1, #part, 4096 do
            sum = (sum * 31 + part:byte(i)) % 1000000007
        end
    end
    return len, sum
end

local function decode(text)
    text = text:gsub("+", " ")
    return (text:gsub("%%(%x%x)", function(hex)
        return string.char(tonumber(hex, 16))
    end))
end

if path == "/hello" then
    head("200 OK")
    print(method, query, os.getenv("HTTP_X_WORD"), os.getenv("REMOTE_ADDR"))
elseif path == "/form" and method == "POST" then
    local fields = {}
    for name, value in io.read("a"):gmatch("([^&=]+)=([^&]*)") do
        fields[#fields + 1] = decode(name) .. ": " .. decode(value)
    end
    table.sort(fields)
    head("201 Created", "X-Fields: " .. #fields .. "\r\n")
    print(table.concat(fields, "\n"))
elseif path == "/go" then
    head("302 Found", "Location: /elsewhere?" .. query .. "\r\n")
elseif path == "/up" then
    local len, sum = digest()
    head("200 OK")
    print(len, sum)
elseif path == "/down" then
    local line = ("0123456789abcde\n"):rep(block // 16)
    head("200 OK")
    for _ = 1, tonumber(query) // block do
        io.write(line)
    end
else
    head("404 Not Found")
    print("no " .. path)
end
