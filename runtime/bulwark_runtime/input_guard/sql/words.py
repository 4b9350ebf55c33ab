"""The words of SQL that carry grammar, by what may follow them."""

LOGICAL = frozenset({"or", "and", "xor", "||", "&&"})

COMPARING = frozenset(
    {
        "=",
        "==",
        "<",
        ">",
        "<=",
        ">=",
        "<>",
        "!=",
        "<=>",
        "!<",
        "!>",
        "like",
        "rlike",
        "regexp",
        "glob",
    }
    | {"@>", "<@", "?", "?|", "?&", "@@", "@?"}
    | {"is", "in", "between", "similar", "ilike", "match", "sounds", "~"}
)

BINARY = frozenset(
    {"->", "->>", "#>", "#>>", "#-"}
    | {"+", "-", "*", "/", "%", "^", "|", "&", "<<", ">>", "::", ":=", "div", "mod", "collate"}
)
"""Operators between values that compare nothing."""

SET_OPERATORS = frozenset({"union", "intersect", "except", "minus"})

CLAUSES = frozenset(
    {"from", "where", "having", "limit", "offset", "union", "intersect", "except", "minus", "into"}
    | {"as", "join", "on", "using", "escape", "returning", "procedure", "then", "when", "else"}
    | {"order", "group", "by", "inner", "left", "right", "cross", "natural", "outer", "full"}
    | {"separator", "partition", "over", "set", "values", "rows", "only", "fetch", "next", "to"}
)
"""Words after a value that lead to another."""

PREFIXES = frozenset(
    {"not", "binary", "distinct", "all", "any", "some", "exists", "case", "when", "interval"}
    | {"+", "-", "!", "~", "select", "top", "by", "sounds", "outfile", "dumpfile", "from", "each"}
    | {"distinctrow", "straight_join", "new", "outer", "join", "value", "row", "to", "like"}
)
"""What may stand before a value."""

LITERALS = frozenset({"null", "true", "false", "unknown", "current_user", "user", "sysdate"})

SUFFIXES = frozenset({"asc", "desc", "end", "nulls", "first", "last", "null", "rows", "row"})

RESERVED = frozenset(
    {"select", "insert", "update", "delete", "drop", "create", "alter", "table", "grant", "exec"}
    | {"union", "where", "from", "having", "group", "order", "by", "set", "values", "into", "and"}
    | {"or", "then", "when", "else", "limit", "on", "as", "join", "execute", "declare"}
)
"""Words that cannot be the name of something."""

OBJECTS = frozenset(
    {"table", "database", "schema", "user", "login", "role", "view", "index", "function"}
    | {"procedure", "proc", "trigger", "sequence", "tablespace", "assembly", "endpoint"}
    | {"extension", "language", "column", "event", "server", "synonym", "type", "domain"}
)

FUNCTIONS = frozenset(
    [
        "abs",
        "ascii",
        "avg",
        "benchmark",
        "bin",
        "bin_to_uuid",
        "cast",
        "char",
        "char_length",
        "chr",
        "coalesce",
        "concat",
        "concat_ws",
        "conv",
        "convert",
        "count",
        "ctxsys",
        "current_database",
        "current_setting",
        "current_user",
        "database",
        "db_name",
        "dbms_ldap",
        "dbms_lock",
        "dbms_pipe",
        "dbms_utility",
        "dbms_xmlgen",
        "elt",
        "exp",
        "extractvalue",
        "find_in_set",
        "floor",
        "generate_series",
        "gtid_subset",
        "gtid_subtract",
        "group_concat",
        "hex",
        "httpuritype",
        "if",
        "ifnull",
        "iif",
        "instr",
        "isjson",
        "isnull",
        "json_depth",
        "json_keys",
        "json_length",
        "json_valid",
        "json_value",
        "lcase",
        "left",
        "length",
        "likelihood",
        "load_extension",
        "load_file",
        "locate",
        "lower",
        "lpad",
        "make_set",
        "md5",
        "mid",
        "name_const",
        "now",
        "nullif",
        "nvl",
        "nvl2",
        "object_id",
        "object_name",
        "openjson",
        "openquery",
        "openrowset",
        "ord",
        "pg_ls_dir",
        "pg_read_file",
        "pg_sleep",
        "polygon",
        "position",
        "pow",
        "quote",
        "quotename",
        "rand",
        "randomblob",
        "receive_message",
        "regexp_like",
        "repeat",
        "replace",
        "reverse",
        "row_count",
        "rpad",
        "schema",
        "session_user",
        "sha1",
        "sleep",
        "soundex",
        "space",
        "sqlite_version",
        "strcmp",
        "string_agg",
        "stuff",
        "substr",
        "substring",
        "substring_index",
        "sum",
        "suser_name",
        "sys_context",
        "sysdate",
        "system_user",
        "to_char",
        "trim",
        "typeof",
        "ucase",
        "unhex",
        "upper",
        "user",
        "user_name",
        "utl_http",
        "utl_inaddr",
        "uuid",
        "version",
        "xmltype",
        "xp_cmdshell",
        "xp_dirtree",
        "updatexml",
        "zeroblob",
        "multipoint",
        "multilinestring",
        "linestring",
        "geometrycollection",
        "multipolygon",
        "st_latfromgeohash",
        "st_longfromgeohash",
        "st_pointfromgeohash",
        "json_extract",
        "current_catalog",
        "gen_random_uuid",
        "query_to_xml",
        "dblink",
        "dblink_connect",
        "lo_get",
        "lo_import",
        "lo_export",
    ]
)
"""Functions of databases that injections call, for places where any word before a bracket may be
prose."""
