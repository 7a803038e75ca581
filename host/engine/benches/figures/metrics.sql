-- The twelve metrics over all time and everybody, as METRICS.md defines them. What is read of the same rows is computed
-- together, pairs are made distinct before they are counted, and each is one pass where it can be.
with
members as ({members}),
a as not materialized (select actor, recipient, verb, topic, object, epoch_ns("at") as moment from read_parquet({activities})),
given as (
    select actor as member, count(*) filter (verb = {answer}) as answers,
        sum(pow(2, (moment - {as-of}) / {month}::double)) as decayed
    from a where actor is not null group by actor
),
days as (select distinct actor, moment // {day} as day from a where actor is not null),
islands as (select actor, day - row_number() over (partition by actor order by day) as island from days),
streaks as (select actor, island, count(*) as days from islands group by actor, island),
rhythm as (select actor as member, sum(days)::bigint as days_active, max(days) as longest_streak from streaks group by actor),
weeks as (
    select actor as member, count(*) as weeks_active
    from (select distinct actor, (day + 3) // 7 from days) group by actor
),
objects as (
    select recipient, object, count(*) as likes from a
    where verb = {like} and recipient is not null and actor is distinct from recipient
    group by recipient, object
),
ranked as (
    select recipient, likes, object is not null as known,
        row_number() over (partition by recipient, object is null order by likes desc) as place
    from objects
),
liked as (
    select recipient as member, sum(likes)::bigint as likes_received,
        count(*) filter (known and likes >= place) as h_index
    from ranked group by recipient
),
first_seen as (
    select member, min(moment) as moment
    from (select actor as member, moment from a union all select recipient, moment from a) group by member
),
began as (
    select members.member, coalesce(epoch_ns(joined_at), first_seen.moment) as moment
    from members left join first_seen on first_seen.member = members.member
),
helped as (
    select actor, recipient, bool_or(a.moment - began.moment <= {month}) as newcomer
    from a join began on began.member = recipient
    where verb = {answer} and actor <> recipient group by actor, recipient
),
helpers as (
    select actor as member, count(*) as members_helped, count(*) filter (newcomer) as newcomers_helped
    from helped group by actor
),
supporters as (
    select recipient as member, count(*) as supporters
    from (select distinct actor, recipient from a where verb = {thank} and actor <> recipient) group by recipient
),
asked as (select actor, topic, moment from a where verb = {ask} and actor is not null),
waits as (
    select answer.actor as member, answer.moment - asked.moment as wait
    from (select * from a where verb = {answer} and actor <> recipient) as answer
    asof join asked on answer.recipient = asked.actor and answer.topic is not distinct from asked.topic
        and answer.moment >= asked.moment
),
responses as (select member, median(wait) / 3.6e12 as response_hours from waits group by member),
ties as (select distinct actor, recipient from a where actor <> recipient),
mutual as (
    select ties.actor as member, count(back.actor) / count(*)::double as reciprocity
    from ties left join ties as back on back.actor = ties.recipient and back.recipient = ties.actor
    group by ties.actor
)
select members.member,
    coalesce(answers, 0) as answers, coalesce(likes_received, 0) as likes_received,
    coalesce(members_helped, 0) as members_helped, coalesce(newcomers_helped, 0) as newcomers_helped,
    coalesce(supporters, 0) as supporters, coalesce(days_active, 0) as days_active,
    coalesce(weeks_active, 0) as weeks_active, coalesce(longest_streak, 0) as longest_streak,
    coalesce(decayed, 0) as decayed_activity, response_hours, coalesce(h_index, 0) as h_index, reciprocity
from members
left join given on given.member = members.member
left join rhythm on rhythm.member = members.member
left join weeks on weeks.member = members.member
left join liked on liked.member = members.member
left join helpers on helpers.member = members.member
left join supporters on supporters.member = members.member
left join responses on responses.member = members.member
left join mutual on mutual.member = members.member
