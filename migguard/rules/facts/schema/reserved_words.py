"""The words that each engine reserves: as the name of a table or column they have to be quoted.

Where they come from: PostgreSQL's `pg_get_keywords()` on 15, 16 and 18 (reserved, and reserved but for
functions and types); every keyword tried as a table and as a column name on MariaDB 10.11 and SQLite 3.40;
MySQL's `information_schema.keywords` of 8.0 with what its manual and bug reports 114874, 118844 and 119904
say of later versions; SQL Server's and Oracle's manuals.
"""

from migguard.catalog.schema import Server
from migguard.changes import Engine

Version = tuple[int, ...]

SPELLED: dict[Engine, str] = {
    Engine.POSTGRESQL: """
        all analyse analyze and any array as asc asymmetric authorization binary both case cast check
        collate collation column concurrently constraint create cross current_catalog current_date
        current_role current_schema current_time current_timestamp current_user default deferrable desc
        distinct do else end except false fetch for foreign freeze from full grant group having ilike in
        initially inner intersect into is isnull join lateral leading left like limit localtime
        localtimestamp natural not notnull null offset on only or order outer overlaps placing primary
        references returning right select session_user similar some symmetric table tablesample then to
        trailing true union unique user using variadic verbose when where window with
    """,
    Engine.MYSQL: """
        accessible add all alter analyze and as asc asensitive before between bigint binary blob both by
        call cascade case change char character check collate column condition constraint continue convert
        create cross current_date current_time current_timestamp current_user cursor database databases
        day_hour day_microsecond day_minute day_second dec decimal declare default delayed delete desc
        describe deterministic distinct distinctrow div double drop dual each else elseif enclosed escaped
        exists exit explain false fetch float float4 float8 for force foreign from fulltext generated get
        grant group having high_priority hour_microsecond hour_minute hour_second if ignore in index infile
        inner inout insensitive insert int int1 int2 int3 int4 int8 integer interval into io_after_gtids
        io_before_gtids is iterate join key keys kill leading leave left like limit linear lines load
        localtime localtimestamp lock long longblob longtext loop low_priority match maxvalue mediumblob
        mediumint mediumtext middleint minute_microsecond minute_second mod modifies natural
        no_write_to_binlog not null numeric on optimize optimizer_costs option optionally or order out outer
        outfile partition precision primary procedure purge range read read_write reads real references
        regexp release rename repeat replace require resignal restrict return revoke right rlike schema
        schemas second_microsecond select sensitive separator set show signal smallint spatial specific sql
        sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate sqlwarning ssl starting
        stored straight_join table terminated then tinyblob tinyint tinytext to trailing trigger true undo
        union unique unlock unsigned update usage use using utc_date utc_time utc_timestamp values varbinary
        varchar varcharacter varying virtual when where while with write xor year_month zerofill
    """,
    Engine.MARIADB: """
        accessible add all alter analyze and as asc asensitive before between bigint binary blob both by
        call cascade case change char character check collate column condition constraint continue convert
        create cross current_date current_role current_time current_timestamp current_user cursor databases
        day_hour day_microsecond day_minute day_second dec decimal declare default delayed delete
        delete_domain_id desc describe deterministic distinct distinctrow div do_domain_ids double drop dual
        each else elseif enclosed escaped except exists exit explain false fetch float float4 float8 for
        force foreign from fulltext grant group having high_priority hour_microsecond hour_minute
        hour_second if ignore ignore_domain_ids in index infile inner inout insensitive insert int int1 int2
        int3 int4 int8 integer intersect interval into is iterate join key keys kill leading leave left like
        limit linear lines load localtime localtimestamp lock long longblob longtext loop low_priority
        master_ssl_verify_server_cert match maxvalue mediumblob mediumint mediumtext middleint
        minute_microsecond minute_second mod modifies natural no_write_to_binlog not null numeric on
        optimize optionally or order out outer outfile over page_checksum parse_vcol_expr partition portion
        precision primary procedure purge range read read_write reads real recursive ref_system_id
        references regexp release rename repeat replace require resignal restrict return returning revoke
        right rlike rows schemas second_microsecond select sensitive separator set show signal smallint
        spatial specific sql sql_big_result sql_calc_found_rows sql_small_result sqlexception sqlstate
        sqlwarning ssl starting stats_auto_recalc stats_persistent stats_sample_pages straight_join table
        terminated then tinyblob tinyint tinytext to trailing trigger true undo union unique unlock unsigned
        update usage use using utc_date utc_time utc_timestamp values varbinary varchar varcharacter varying
        when where while with write xor year_month zerofill
    """,
    Engine.SQLITE: """
        add all alter and as autoincrement between case check collate commit constraint create default
        deferrable delete distinct drop else escape except exists foreign from group having if in index
        insert intersect into is isnull join limit not nothing notnull null on or order primary references
        returning select set table then to transaction union unique update using values when where
    """,
    Engine.MSSQL: """
        add all alter and any as asc authorization backup begin between break browse bulk by cascade case
        check checkpoint close clustered coalesce collate column commit compute constraint contains
        containstable continue convert create cross current current_date current_time current_timestamp
        current_user cursor database dbcc deallocate declare default delete deny desc disk distinct
        distributed double drop dump else end errlvl escape except exec execute exists exit external fetch
        file fillfactor for foreign freetext freetexttable from full function goto grant group having
        holdlock identity identity_insert identitycol if in index inner insert intersect into is join key
        kill left like lineno load merge national nocheck nonclustered not null nullif of off offsets on
        open opendatasource openquery openrowset openxml option or order outer over percent pivot plan
        precision primary print proc procedure public raiserror read readtext reconfigure references
        replication restore restrict return revert revoke right rollback rowcount rowguidcol rule save
        schema securityaudit select semantickeyphrasetable semanticsimilaritydetailstable
        semanticsimilaritytable session_user set setuser shutdown some statistics system_user table
        tablesample textsize then to top tran transaction trigger truncate try_convert tsequal union unique
        unpivot update updatetext use user values varying view waitfor when where while with writetext
    """,
    Engine.ORACLE: """
        access add all alter and any as asc audit between by char check cluster column column_value comment
        compress connect create current date decimal default delete desc distinct drop else exclusive exists
        file float for from grant group having identified immediate in increment index initial insert
        integer intersect into is level like lock long maxextents minus mlslabel mode modify nested_table_id
        noaudit nocompress not nowait null number of offline on online option or order pctfree prior public
        raw rename resource revoke row rowid rownum rows select session set share size smallint start
        successful synonym sysdate table then to trigger uid union unique update user validate values
        varchar varchar2 view whenever where with
    """,
}
"""Words that every version since PostgreSQL 10, MySQL 5.7, MariaDB 10.3 and SQLite 3.35 reserves."""

WORDS = {engine: frozenset(spelled.split()) for engine, spelled in SPELLED.items()}

SINCE: dict[Engine, dict[Version, str]] = {
    Engine.POSTGRESQL: {(16,): "system_user"},
    Engine.MYSQL: {
        (8,): """
            cube cume_dist dense_rank empty except first_value function grouping groups json_table lag
            last_value lead nth_value ntile of over percent_rank rank recursive row row_number rows system
            window
        """,
        (8, 0, 14): "lateral",
        (8, 0, 31): "intersect",
        (8, 4): "manual parallel qualify tablesample",
        (9, 4): "external library",
    },
    Engine.MARIADB: {(10, 6): "offset", (10, 7): "row_number", (10, 10): "master_demote_to_replica"},
}
"""Words that came later, by the version that brought them."""

BETWEEN: dict[Engine, list[tuple[Version, Version, str]]] = {
    Engine.MYSQL: [
        ((8, 0, 17), (8, 0, 19), "array member"),
        ((5, 7), (8, 4), "master_bind master_ssl_verify_server_cert"),
        ((9, 6), (9, 7), "sets"),
    ],
}
"""Words that were reserved from one version until another."""


def reserved(name: str, server: Server) -> bool:
    """Whether the server reserves the word."""
    word = name.lower()
    if word in WORDS[server.engine]:
        return True
    later = SINCE.get(server.engine, {}).items()
    if any(server.since(*version) and word in words.split() for version, words in later):
        return True
    spans = BETWEEN.get(server.engine, [])
    return any(server.since(*first) and not server.since(*end) and word in words.split() for first, end, words in spans)
