using System.Globalization;
using AgentHosting.Runs;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <content>Lists of runs. Each partition numbers its own, so that the place in a list is one number a partition.</content>
internal sealed partial class RedisRunStore
{
    private const string PageNotKnown = "After is not the Next of an earlier page. Leave it out for the first page.";

    public async ValueTask<RunPage> ListAsync(RunQuery query, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(query);
        if (query.PageSize is < 1 or > RunQuery.MaxPageSize)
        {
            throw new ArgumentException($"PageSize is {query.PageSize}. Use 1 to {RunQuery.MaxPageSize}.", nameof(query));
        }

        int[] partitions = query.TenantId is { } tenant ? [_partitions.OfTenant(tenant)] : [.. _partitions.All];
        var before = Places(query, partitions.Length);
        var parts = await Task.WhenAll(partitions.Select((partition, i) => ListAsync(partition, before[i], query, cancellationToken)));
        var (runs, counts) = Merge(parts, query.PageSize);
        var next = parts.Select((part, i) => part.After(counts[i])).ToArray();
        return new RunPage
        {
            Runs = runs,
            Next = Array.TrueForAll(next, static place => place == RunListPart.End) ? null : string.Join('.', next.Select(static place => place.ToString(CultureInfo.InvariantCulture))),
        };
    }

    /// <summary>Each partition's own order is kept, also where the clock of a server went back.</summary>
    private static (List<AgentRun> Runs, int[] Counts) Merge(RunListPart[] parts, int pageSize)
    {
        var runs = new List<AgentRun>();
        var counts = new int[parts.Length];
        while (runs.Count < pageSize)
        {
            var latest = -1;
            for (var i = 0; i < parts.Length; i++)
            {
                if (counts[i] < parts[i].Runs.Count && (latest < 0 || Head(i).CreatedAt > Head(latest).CreatedAt))
                {
                    latest = i;
                }
            }

            if (latest < 0)
            {
                break;
            }

            runs.Add(Head(latest));
            counts[latest]++;
        }

        return (runs, counts);

        AgentRun Head(int part) => parts[part].Runs[counts[part]].Run;
    }

    private static long[] Places(RunQuery query, int count)
    {
        if (query.After is not { } after)
        {
            return [.. Enumerable.Repeat(RunListPart.Top, count)];
        }

        var places = after.Split('.');
        var numbers = new long[count];
        return places.Length == count && places.Select((place, i) => long.TryParse(place, NumberStyles.None, CultureInfo.InvariantCulture, out numbers[i]) && numbers[i] >= RunListPart.End).All(static isPlace => isPlace)
            ? numbers
            : throw new ArgumentException(PageNotKnown, nameof(query));
    }

    private async Task<RunListPart> ListAsync(int partition, long before, RunQuery query, CancellationToken cancellationToken)
    {
        var found = new List<(AgentRun Run, long Number)>();
        while (true)
        {
            var reply = RunReplies.Items(await EvaluateAsync(
                partition,
                RunScripts.List,
                cancellationToken,
                before == RunListPart.Top ? RedisValue.EmptyString : before,
                query.PageSize - found.Count,
                query.Status is { } status ? (int)status : RedisValue.EmptyString,
                RunArguments.Optional(query.Agent),
                RunArguments.Optional(query.TenantId),
                RunArguments.Optional(query.UserId),
                RunArguments.Optional(query.SessionId),
                query.IsDeadLetter switch { true => "1", false => "0", null => RedisValue.EmptyString }));
            found.AddRange(RunReplies.Items(reply[0]).Select(run => (RunReplies.Run(run, _seal, isLenient: true), RunReplies.Number(run))));
            var last = RunReplies.Text(reply[1]);
            before = last.Length == 0 ? RunListPart.Top : long.Parse(last, CultureInfo.InvariantCulture);
            if ((int)reply[2] == 0)
            {
                return new RunListPart(found, RunListPart.End);
            }

            if (found.Count == query.PageSize)
            {
                return new RunListPart(found, before);
            }
        }
    }
}
