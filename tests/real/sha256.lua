-- SHA-256 on Lua's 64-bit integers, for program.lua.  The constants are the
-- fractions of roots of primes, computed here.
local mask = 0xFFFFFFFF

local function primes(n)
    local list, candidate = {}, 2
    while #list < n do
        local is_prime = true
        for _, p in ipairs(list) do
            if candidate % p == 0 then is_prime = false break end
        end
        if is_prime then list[#list + 1] = candidate end
        candidate = candidate + 1
    end
    return list
end

-- The first 32 bits of the fraction of p's root, by bisection on integers.
local function fraction(p, power)
    local low, high = 0, p << 36
    while high - low > 1 do
        local middle = (low + high) // 2
        local x = middle / 2 ^ 36
        if (power == 2 and x * x or x * x * x) <= p then low = middle else high = middle end
    end
    return (low >> 4) & mask
end

local K, H = {}, {}
for i, p in ipairs(primes(64)) do
    K[i] = fraction(p, 3)
    if i <= 8 then H[i] = fraction(p, 2) end
end

local function rotate(x, n) return (x >> n | x << (32 - n)) & mask end

local function block(state, text, at)
    local w = { string.unpack(">" .. ("I4"):rep(16), text, at) }
    for i = 17, 64 do
        local a, b = w[i - 15], w[i - 2]
        local s0 = rotate(a, 7) ~ rotate(a, 18) ~ a >> 3
        local s1 = rotate(b, 17) ~ rotate(b, 19) ~ b >> 10
        w[i] = (w[i - 16] + s0 + w[i - 7] + s1) & mask
    end
    local a, b, c, d, e, f, g, h = table.unpack(state)
    for i = 1, 64 do
        local s1 = rotate(e, 6) ~ rotate(e, 11) ~ rotate(e, 25)
        local t1 = h + s1 + (e & f ~ ~e & mask & g) + K[i] + w[i]
        local s0 = rotate(a, 2) ~ rotate(a, 13) ~ rotate(a, 22)
        local t2 = s0 + (a & b ~ a & c ~ b & c)
        h, g, f, e, d, c, b, a = g, f, e, d + t1 & mask, c, b, a, t1 + t2 & mask
    end
    for i, x in ipairs { a, b, c, d, e, f, g, h } do state[i] = state[i] + x & mask end
end

return function(text)
    local state = { table.unpack(H) }
    local padded = text .. "\x80" .. ("\0"):rep(-(#text + 9) % 64) .. (">I8"):pack(#text * 8)
    for at = 1, #padded, 64 do block(state, padded, at) end
    return (("%08x"):rep(8):format(table.unpack(state)))
end
