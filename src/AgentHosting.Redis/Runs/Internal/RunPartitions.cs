using System.Buffers.Binary;
using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using StackExchange.Redis;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>
/// The partitions of a queue. All that belongs to a tenant is in one, whose keys share a hash tag, so that a script reaches all of it in a cluster too. The id of a run names its partition.
/// </summary>
internal sealed class RunPartitions(RedisOptions options)
{
    private const string RunPrefix = "run_";
    private readonly RedisKey[][] _keys = [.. Enumerable.Range(0, options.Partitions).Select(partition => new RedisKey[] { NameOf(options, partition) })];

    public int Count => _keys.Length;

    public IEnumerable<int> All => Enumerable.Range(0, Count);

    /// <summary>The key that scripts are given: what the names of all keys and channels of the partition begin with.</summary>
    public RedisKey[] KeysOf(int partition) => _keys[partition];

    public string NameOf(int partition) => _keys[partition][0]!;

    /// <summary>The first four bytes of SHA-256, modulo the number of partitions: spread evenly, and the same in every process and version.</summary>
    public int OfTenant(string tenant)
    {
        if (Count == 1)
        {
            return 0;
        }

        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(tenant), hash);
        return (int)(BinaryPrimitives.ReadUInt32BigEndian(hash) % (uint)Count);
    }

    /// <summary>Where the run is. An id that names no partition is that of no run; the first one says so.</summary>
    public int OfRun(string runId)
    {
        if (Count == 1 || !runId.StartsWith(RunPrefix, StringComparison.Ordinal))
        {
            return 0;
        }

        var rest = runId.AsSpan(RunPrefix.Length);
        var end = rest.IndexOf('_');
        return end > 0 && int.TryParse(rest[..end], NumberStyles.None, CultureInfo.InvariantCulture, out var partition) && partition < Count ? partition : 0;
    }

    public string CreateRunId(string tenant, DateTimeOffset now) =>
        string.Create(CultureInfo.InvariantCulture, $"{RunPrefix}{OfTenant(tenant)}_{Guid.CreateVersion7(now):N}");

    private static string NameOf(RedisOptions options, int partition) => string.Create(CultureInfo.InvariantCulture, $"{{{options.KeyPrefix}:{options.Queue}:{partition}}}:");
}
