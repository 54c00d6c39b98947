-- A database of some size, written to a file; see run.sh.
pragma page_size = 4096;
create table item(
  id integer primary key,
  name text not null unique,
  price real check (price >= 0),
  tag blob default x'00ff'
);
create table sale(item integer references item(id), day text, count integer);
create index sale_day on sale(day, item);
create view total as
  select name, sum(count) as pieces, sum(count * price) as money
  from sale join item on item.id = sale.item group by name;
create trigger discount after update of price on item when new.price < old.price
  begin insert into sale values(new.id, '2026-12-24', 1); end;

begin;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000)
  insert into item(id, name, price)
  select i, printf('item %05d ', i) || hex(i * 7919), i % 97 / 7.0 from n;
with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000)
  insert into sale
  select i * 7919 % 3000 + 1, date('2026-01-01', (i % 365) || ' days'), i % 11
  from n;
commit;

begin;
delete from item where id % 2 = 0;
rollback;
delete from sale where count = 0;
update item set price = price / 2 where id between 10 and 20;
insert into item(name, price) values ('item 00001 1EEF', 1);
insert into item(name, price) values ('negative', -1);

select count(*), sum(count), min(day), max(day) from sale;
select * from total order by money desc, name limit 5;
select day, sum(count), rank() over (order by sum(count) desc, day)
  from sale group by day limit 4;
explain query plan select * from sale where day = '2026-05-05' and item = 7;
create virtual table word using fts5(text);
insert into word select name || ' ' || pieces from total;
select count(*) from word where word match '1EEF OR 61';
select json_group_array(json_object('id', id, 'tag', hex(tag)))
  from (select * from item limit 3);
select upper('straße'), length('漢字'), instr('abcabc', 'ca'),
  9223372036854775807 + 1, 7 / 2, -7 % 3, round(2.5), 1e308 * 10,
  printf('%.17g', 0.1);
select name from item where name like '%7F%' order by price, id limit 3;
.mode box
select * from sale order by rowid desc limit 2;
.mode csv
select id, price, tag from item limit 3;
.schema item
.tables
pragma integrity_check;
pragma foreign_key_check;
reindex;
vacuum;
select page_count from pragma_page_count;
select no_such_column from item;
