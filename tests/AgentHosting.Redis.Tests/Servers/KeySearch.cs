using System.Text;
using StackExchange.Redis;

namespace AgentHosting.Redis.Tests.Servers;

/// <summary>Looks into every key of a server for words.</summary>
internal static class KeySearch
{
    /// <returns>Those of the words that stand in the name or in the value of a key of the prefix.</returns>
    public static async Task<HashSet<string>> FindAsync(IConnectionMultiplexer multiplexer, string prefix, IEnumerable<string> words)
    {
        var values = await ReadAsync(multiplexer, prefix);
        return [.. words.Where(word => values.Any(value => value.AsSpan().IndexOf(Encoding.UTF8.GetBytes(word)) >= 0))];
    }

    /// <returns>Names, fields and values of all keys of the prefix.</returns>
    public static async Task<List<byte[]>> ReadAsync(IConnectionMultiplexer multiplexer, string prefix)
    {
        var database = multiplexer.GetDatabase();
        var values = new List<byte[]>();
        var server = multiplexer.GetServer(multiplexer.GetEndPoints()[0]);
        foreach (var key in server.Keys(pattern: $"{prefix}:*", pageSize: 1000).Concat(server.Keys(pattern: $"{{{prefix}:*", pageSize: 1000)).ToList())
        {
            values.Add(key!);
            RedisValue[] found = await database.KeyTypeAsync(key) switch
            {
                RedisType.String => [await database.StringGetAsync(key)],
                RedisType.Hash => [.. (await database.HashGetAllAsync(key)).SelectMany(static entry => (RedisValue[])[entry.Name, entry.Value])],
                RedisType.List => await database.ListRangeAsync(key),
                RedisType.Set => await database.SetMembersAsync(key),
                RedisType.SortedSet => await database.SortedSetRangeByRankAsync(key),
                RedisType.None => [],
                var type => throw new InvalidOperationException($"{key} is a {type}."),
            };
            values.AddRange(found.Select(static value => (byte[])value!));
        }

        return values;
    }
}
