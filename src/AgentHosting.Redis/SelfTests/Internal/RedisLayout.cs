using AgentHosting.Redis.Connections.Internal;
using StackExchange.Redis;

namespace AgentHosting.Redis.SelfTests.Internal;

/// <summary>
/// The versions of what this package keeps in Redis: names of keys, fields and what scripts expect of them. (What runs journal has a version of its own in each step.) Raise one where a
/// host of the version before would misread or spoil what is there, so that it refuses to start; where it would not, add fields and leave it.
/// </summary>
internal static class RedisLayout
{
    public const int Runs = 1;
    public const int Spend = 1;
    private static readonly RedisScript _script = RedisScript.Load("self-test-layout");

    public static RedisKey KeyOf(RedisOptions options) => $"{options.KeyPrefix}:layout";

    /// <returns>Why this package must not use what is there.</returns>
    public static async Task<string?> CheckAsync(IConnectionMultiplexer multiplexer, RedisOptions options, CancellationToken cancellationToken)
    {
        // Not as other scripts: a server that was refused is looked at again.
        var reply = await multiplexer.GetDatabase().ExecuteAsync("EVAL", _script.Text, 1, KeyOf(options), "runs", Runs, "spend", Spend)
            .WaitAsync(options.CommandTimeout, TimeProvider.System, cancellationToken);
        var versions = (RedisResult[])reply!;
        return Refusal("runs", (int)versions[0], Runs) ?? Refusal("spend", (int)versions[1], Spend);

        string? Refusal(string name, int found, int known) => found <= known ? null
            : $"What Redis holds under '{options.KeyPrefix}' was written by a newer AgentHosting.Redis: its layout of {name} is {found}, and this one knows {known}. Use the newer package, or another KeyPrefix.";
    }
}
