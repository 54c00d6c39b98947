/*
 * A flame graph: an SVG picture with a script in it.
 *
 * A frame is as wide as the part of the time that it and what it called took;
 * callees stand on their callers.  The picture is complete without the script,
 * which enlarges a frame, finds names and shows one's numbers.  Names come from
 * a module that may be hostile: they appear as character data only, and the
 * script takes them from there as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cli/json.h"
#include "cli/profile.h"

#include <inttypes.h>
#include <string.h>

enum {
    WIDTH = 1200,
    ROW = 18,
    MARGIN = 10,
    HEADER = 58,
    FOOTER = 34,
    TEXT_MIN = 3, /* characters: fewer say nothing */
};

/* Narrower frames are left out: they could not be seen. */
static const double narrowest = 0.2;
static const double character = 6.8; /* width, in pixels */
static const double drawn = WIDTH - 2 * MARGIN, left = MARGIN;

static const char style[] =
    "svg{font:12px system-ui,sans-serif;background:#fff;color:#222}\n"
    "text{fill:#1b1b1b}\n"
    ".h{font-size:16px;font-weight:600}\n"
    ".s{fill:#666}\n"
    ".f text{font:11px ui-monospace,Menlo,Consolas,monospace;"
    "pointer-events:none}\n"
    ".f rect{stroke:#fff;stroke-width:.6}\n"
    ".f{cursor:pointer}\n"
    ".f:hover rect{stroke:#000;stroke-width:1}\n"
    ".o{opacity:.45}\n"
    ".m rect{fill:#d33fd3!important}\n"
    ".b{cursor:pointer;fill:#06c}\n"
    "@media(prefers-color-scheme:dark){svg{background:#16181c}\n"
    ".h,.s,#info,#hits{fill:#ddd}.b{fill:#7ab7ff}"
    ".f rect{stroke:#16181c}.f:hover rect{stroke:#fff}}\n";

/* Frames carry their place in x and width; the script keeps those. */
static const char script[] =
    "(function(){'use strict';\n"
    "var W=1180,M=10,C=6.8,D=document,F=[].map.call(\n"
    " D.querySelectorAll('.f'),function(g){var r=g.querySelector('rect');\n"
    " return{g:g,r:r,t:g.querySelector('text'),\n"
    "  x:+r.getAttribute('x')-M,w:+r.getAttribute('width'),\n"
    "  y:+r.getAttribute('y'),n:g.getAttribute('data-n'),\n"
    "  k:g.querySelector('title').textContent}});\n"
    "function id(i){return D.getElementById(i)}\n"
    "function label(f,w){var n=Math.floor((w-6)/C),s='';\n"
    " if(n>2)s=f.n.length<=n?f.n:f.n.slice(0,n-2)+'..';\n"
    " f.t.textContent=s}\n"
    "function zoom(z){var e=.01;F.forEach(function(f){\n"
    " var over=f.x<=z.x+e&&f.x+f.w>=z.x+z.w-e&&f.y>z.y,\n"
    "  inside=f.x>=z.x-e&&f.x+f.w<=z.x+z.w+e,x,w;\n"
    " f.g.style.display=over||inside?'':'none';\n"
    " f.g.classList.toggle('o',over);\n"
    " if(over){x=0;w=W}else{x=(f.x-z.x)*W/z.w;w=f.w*W/z.w}\n"
    " f.r.setAttribute('x',x+M);f.r.setAttribute('width',w);\n"
    " f.t.setAttribute('x',x+M+3);if(over||inside)label(f,w)});\n"
    " id('reset').style.display=z.w<W-e?'':'none'}\n"
    "function reset(){zoom({x:0,w:W,y:1e9})}\n"
    "function find(s){var re,hit=[],sum=0,end=-1;\n"
    " if(s){try{re=new RegExp(s,'i')}catch(x){\n"
    "  re=new RegExp(s.replace(/[^\\w]/g,'\\\\$&'),'i')}}\n"
    " F.forEach(function(f){var m=!!re&&re.test(f.n);\n"
    "  f.g.classList.toggle('m',m);if(m)hit.push(f)});\n"
    " hit.sort(function(a,b){return a.x-b.x||b.w-a.w});\n"
    " hit.forEach(function(f){if(f.x>=end-.01){sum+=f.w;end=f.x+f.w}});\n"
    " id('hits').textContent=s?hit.length+' found, '+\n"
    "  (100*sum/W).toFixed(1)+' % of the time':''}\n"
    "function ask(){var s=prompt('Find functions (a regular expression)','');\n"
    " if(s!==null)find(s)}\n"
    "F.forEach(function(f){\n"
    " f.g.addEventListener('click',function(){zoom(f)});\n"
    " f.g.addEventListener('mouseenter',function(){\n"
    "  id('info').textContent=f.k});\n"
    " f.g.addEventListener('mouseleave',function(){\n"
    "  id('info').textContent=''})});\n"
    "id('reset').addEventListener('click',reset);\n"
    "id('find').addEventListener('click',ask);\n"
    "D.documentElement.addEventListener('keydown',function(e){\n"
    " if(e.key==='Escape'){reset();find('')}\n"
    " if(e.key==='/'||(e.key==='f'&&(e.ctrlKey||e.metaKey))){\n"
    "  e.preventDefault();ask()}});\n"
    "id('find').style.display='';\n"
    "})();\n";

/* -- Text ------------------------------------------------------------------ */

/* XML has no way to write most control characters, nor U+FFFE and U+FFFF. */
static bool is_xml(const unsigned char *p, size_t len)
{
    if (len == 1)
        return *p >= 0x20 && *p != 0x7f;
    if (len == 2)
        return p[0] != 0xc2 || p[1] >= 0xa0;
    return len != 3 || p[0] != 0xef || p[1] != 0xbf || p[2] < 0xbe;
}

/* Up to `most` characters as character data or the value of an attribute. */
static void put_xml(FILE *out, const char *text, size_t most)
{
    size_t len = strlen(text), n;

    for (size_t i = 0; i < len && most > 0; i += n ? n : 1, most--) {
        n = cli_utf8_len(text + i, len - i);
        if (n == 0 || n > len - i ||
            !is_xml((const unsigned char *)text + i, n))
            fputs("&#xfffd;", out);
        else if (strchr("&<>\"'", text[i]))
            fprintf(out, "&#%d;", text[i]);
        else
            fwrite(text + i, 1, n, out);
    }
}

/* Characters of UTF-8. */
static size_t count_chars(const char *text)
{
    size_t count = 0, len = strlen(text), n;

    for (size_t i = 0; i < len; i += n ? n : 1, count++)
        n = cli_utf8_len(text + i, len - i);
    return count;
}

static void put_label(FILE *out, const char *name, double width)
{
    size_t room = width > 6 ? (size_t)((width - 6) / character) : 0;
    bool fits = count_chars(name) <= room;

    if (room < TEXT_MIN)
        return;
    put_xml(out, name, fits ? room : room - 2);
    if (!fits)
        fputs("..", out);
}

/* -- Frames ---------------------------------------------------------------- */

/* Warm colours by name; what is no function of the guest is grey or blue. */
static void put_colour(FILE *out, const char *name)
{
    uint32_t hash = 2166136261u;

    if (strcmp(name, "[host]") == 0) {
        fputs("#8fb3d9", out);
        return;
    }
    if (strcmp(name, "...") == 0 || !*name) {
        fputs("#b9bcc2", out);
        return;
    }
    for (const char *p = name; *p; p++)
        hash = (hash ^ (unsigned char)*p) * 16777619u;
    fprintf(out, "hsl(%u,%u%%,%u%%)", 8 + hash % 44, 70 + (hash >> 8) % 20,
            62 + (hash >> 16) % 10);
}

/* A rectangle with a label that is cut to fit; the whole name is its title. */
static void put_frame(const struct profile *p, const struct profile_node *node,
                      unsigned depth_max, FILE *out)
{
    const double whole = (double)p->nodes[0].total;
    const double scale = drawn / whole;
    const char *name = node->depth ? p->names + node->name : "all";
    double x = node->x * scale + left, width = (double)node->total * scale;
    unsigned y = HEADER + (depth_max - node->depth) * ROW;

    fputs("<g class=\"f\" data-n=\"", out);
    put_xml(out, name, SIZE_MAX);
    fputs("\"><title>", out);
    put_xml(out, name, SIZE_MAX);
    fprintf(out, ": %" PRIu64 " ms, %.1f %%", node->total,
            100 * (double)node->total / whole);
    if (node->self && node->self != node->total)
        fprintf(out, "; itself %" PRIu64 " ms, %.1f %%", node->self,
                100 * (double)node->self / whole);
    fprintf(out,
            "</title><rect x=\"%.2f\" y=\"%u\" width=\"%.2f\" height=\"%u\" "
            "rx=\"1\" fill=\"",
            x, y, width, ROW - 1);
    put_colour(out, node->depth ? name : "");
    fprintf(out, "\"/><text x=\"%.2f\" y=\"%u\">", x + 3, y + 12);
    put_label(out, name, width);
    fputs("</text></g>\n", out);
}

/* Places each node's children side by side: parents come first. */
static unsigned place(struct profile *p, double least)
{
    unsigned depth_max = 0;

    for (size_t i = 0; i < p->count; i++) {
        double x = p->nodes[i].x;

        for (uint32_t n = p->nodes[i].first; n; n = p->nodes[n].next) {
            p->nodes[n].x = x;
            x += (double)p->nodes[n].total;
        }
        if ((double)p->nodes[i].total >= least && p->nodes[i].depth > depth_max)
            depth_max = p->nodes[i].depth;
    }
    return depth_max;
}

static void put_header(const struct profile *p, FILE *out, const char *title,
                       unsigned height)
{
    fprintf(out,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" "
            "height=\"%u\" viewBox=\"0 0 %d %u\">\n"
            "<style>%s</style>\n<text class=\"h\" x=\"%d\" y=\"26\">",
            WIDTH, height, WIDTH, height, style, MARGIN);
    put_xml(out, title, 100);
    fprintf(out,
            "</text>\n<text class=\"s\" x=\"%d\" y=\"44\">%" PRIu64
            " samples, one each ms of time; as wide as the part of it that a "
            "function and what it calls took</text>\n",
            MARGIN, p->samples);
    fprintf(out,
            "<text id=\"find\" class=\"b\" style=\"display:none\" x=\"%d\" "
            "y=\"26\" text-anchor=\"end\">find (/)</text>\n"
            "<text id=\"reset\" class=\"b\" style=\"display:none\" x=\"%d\" "
            "y=\"26\" text-anchor=\"end\">show all (Esc)</text>\n"
            "<text id=\"hits\" x=\"%d\" y=\"44\" text-anchor=\"end\"></text>\n",
            WIDTH - MARGIN, WIDTH - MARGIN - 70, WIDTH - MARGIN);
}

void profile_write_svg(struct profile *p, FILE *out, const char *title)
{
    const double least = narrowest * (double)p->nodes[0].total / drawn;
    unsigned depth_max = place(p, least);
    unsigned height = HEADER + (depth_max + 1) * ROW + FOOTER;

    put_header(p, out, title, height);
    for (size_t i = 0; i < p->count && p->nodes[0].total > 0; i++) {
        if ((double)p->nodes[i].total >= least)
            put_frame(p, &p->nodes[i], depth_max, out);
    }
    fprintf(out, "<text id=\"info\" x=\"%d\" y=\"%u\"></text>\n", MARGIN,
            height - 12);
    fprintf(out, "<script><![CDATA[\n%s]]></script>\n</svg>\n", script);
}
