using System.Collections.Concurrent;
using AgentHosting.Redis.Internal;
using Microsoft.Extensions.Options;
using StackExchange.Redis;

namespace AgentHosting.Redis.Connections.Internal;

/// <summary>The host's connection to Redis: opened at first use, shared by all stores, and tried again by itself when it breaks.</summary>
internal sealed class RedisConnection(RedisSource source, IOptions<RedisOptions> options) : IAsyncDisposable
{
    // Other commands stand behind it.
    private static readonly TimeSpan LongestWait = TimeSpan.FromSeconds(1);
    private const int MostMoves = 3;

    // Never of a replica, not even what only reads: it may lag, and where the primary is gone it would be asked instead.
    // And never of the node that a slot is on its way to: a script finds there what has arrived already, and takes it for everything.
    private const CommandFlags Where = CommandFlags.DemandMaster | CommandFlags.NoRedirect;
    private readonly SemaphoreSlim _gate = new(1);
    private Task<IConnectionMultiplexer>? _opening;
    private IConnectionMultiplexer? _multiplexer;
    private volatile string? _refusal;
    private bool _isDisposed;
    private PrimaryWatch? _watch;
    private readonly ConcurrentDictionary<RedisKey, ReplicaWait> _replicas = new();

    public RedisOptions Options { get; } = options.Value;

    /// <summary>The clock of scripts in tests; <see langword="null"/> for that of the server.</summary>
    public TimeProvider? Clock { get; init; }

    /// <summary>The clock of this process, beside that of scripts, in tests of what happens when the two go apart.</summary>
    public TimeProvider? LocalClock { get; init; }

    /// <summary>Why the server must not be used: scripts fail with it, as they do when it is down.</summary>
    public string? Refusal
    {
        get => _refusal;
        set => _refusal = value;
    }

    /// <summary>What scripts get as the time: microseconds since 1970, or nothing, so that they ask the server.</summary>
    public RedisValue Now => Clock is null ? RedisValue.EmptyString : RedisTime.Of(Clock.GetUtcNow());

    public async ValueTask<IConnectionMultiplexer> GetAsync(CancellationToken cancellationToken)
    {
        if (Volatile.Read(ref _multiplexer) is { } open)
        {
            return open;
        }

        await _gate.WaitAsync(cancellationToken);
        try
        {
            ObjectDisposedException.ThrowIf(_isDisposed, this);
            // Whoever leaves early leaves it to the next one, which finds it opening.
            _opening = _opening is { IsFaulted: false, IsCanceled: false } ? _opening : source.OpenAsync(Options);
            if (_multiplexer is null)
            {
                var opened = await _opening.WaitAsync(cancellationToken);
                _watch = new PrimaryWatch(opened);
                Volatile.Write(ref _multiplexer, opened);
            }

            return _multiplexer;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <inheritdoc cref="PrimaryWatch.SinceBreak"/>
    public TimeSpan? SinceBreak => Volatile.Read(ref _watch)?.SinceBreak;

    /// <summary>Runs a script on the partition of its first key. It may have been carried out when this throws; scripts can be repeated.</summary>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="RedisException">The server cannot be reached, or refuses.</exception>
    public async Task<RedisResult> EvaluateAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        ThrowIfRefused();
        var multiplexer = await GetAsync(cancellationToken);
        var watch = _watch!;
        try
        {
            var result = await RunAsync(multiplexer.GetDatabase(), script, keys, arguments, cancellationToken);
            watch.Succeeded();
            return result;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
    }

    /// <summary>
    /// As <see cref="EvaluateAsync"/>, for leases: it waits on the thread that calls, and over a connection that the host has opened its answer comes by a thread of the connection
    /// (<see cref="RedisSource"/>), so that it is there also while the pool is starved. (The first call of all may wait for the connection to open, which the pool does.)
    /// </summary>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="RedisException">The server cannot be reached, or refuses.</exception>
    public RedisResult Evaluate(RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        ThrowIfRefused();
        var multiplexer = Volatile.Read(ref _multiplexer)
            ?? GetAsync(CancellationToken.None).AsTask().WaitAsync(Options.CommandTimeout, TimeProvider.System).GetAwaiter().GetResult();
        var watch = _watch!;
        try
        {
            var result = Run(multiplexer.GetDatabase(), script, keys, arguments);
            watch.Succeeded();
            return result;
        }
        catch (Exception exception)
        {
            watch.Failed(exception);
            throw;
        }
    }

    /// <summary>As <see cref="EvaluateAsync"/>, and waits until a replica has it, where <see cref="RedisOptions.Durability"/> asks for that.</summary>
    /// <exception cref="TimeoutException">No replica has it in time. It is on the primary, and the command may be repeated.</exception>
    public async Task<RedisResult> EvaluateDurablyAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        if (Options.Durability != RedisDurability.Replicated)
        {
            return await EvaluateAsync(script, keys, arguments, cancellationToken);
        }

        var multiplexer = await GetAsync(cancellationToken);
        var wait = _replicas.GetOrAdd(keys[0], key => new ReplicaWait(multiplexer, key, LongestWait < Options.CommandTimeout / 2 ? LongestWait : Options.CommandTimeout / 2, Options.CommandTimeout));
        var changes = _watch!.Changes;
        var result = await EvaluateAsync(script, keys, arguments, cancellationToken);
        int replicas;
        try
        {
            replicas = await wait.JoinAsync().WaitAsync(cancellationToken);
        }
        catch (Exception exception)
        {
            _watch.Failed(exception);
            throw;
        }

        if (replicas < 1)
        {
            throw new TimeoutException("No replica of Redis has acknowledged the command in time. It is on the primary; repeat it, or set RedisOptions.Durability to Fast.");
        }

        // Of another connection a replica knows nothing: it says that it has all, and means what the server over there wrote.
        return changes == _watch.Changes ? result : throw new RedisException(
            "The connection to Redis changed before a replica had acknowledged the command. It may be lost; repeat it.");
    }

    /// <summary>As <see cref="EvaluateAsync"/>, for what calls can do without: while the server is away it fails at once, where other commands wait for it.</summary>
    /// <exception cref="TimeoutException">No answer came in time.</exception>
    /// <exception cref="RedisException">The server is away, or refuses.</exception>
    public async Task<RedisResult> EvaluateIfConnectedAsync(RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        await GetAsync(cancellationToken);
        if (!_watch!.HasPrimary)
        {
            throw new RedisException("Redis is not connected. It is tried on.");
        }

        return await EvaluateAsync(script, keys, arguments, cancellationToken);
    }

    /// <exception cref="RedisException">The server must not be used.</exception>
    public void ThrowIfRefused()
    {
        if (_refusal is { } refusal)
        {
            throw new RedisException(refusal);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _gate.WaitAsync();
        try
        {
            _isDisposed = true;
            _watch?.Dispose();
            if (_opening is not null && source.IsOwned)
            {
                await ((Task)_opening).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (_opening.IsCompletedSuccessfully)
                {
                    await _opening.Result.DisposeAsync();
                }
            }
        }
        finally
        {
            _gate.Release();
        }
    }

    private async Task<RedisResult> RunAsync(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] arguments, CancellationToken cancellationToken)
    {
        for (var moves = 0; ; moves++)
        {
            try
            {
                return await database.ScriptEvaluateAsync(script.Hash, keys, arguments, Where).WaitAsync(Options.CommandTimeout, TimeProvider.System, cancellationToken);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                return await database.ExecuteAsync("EVAL", WithText(script, keys, arguments), Where).WaitAsync(Options.CommandTimeout, TimeProvider.System, cancellationToken);
            }
            catch (RedisServerException exception) when (RedisErrors.IsMoved(exception) && moves < MostMoves)
            {
                // By now the client knows where to.
            }
        }
    }

    private static RedisResult Run(IDatabase database, RedisScript script, RedisKey[] keys, RedisValue[] arguments)
    {
        for (var moves = 0; ; moves++)
        {
            try
            {
                return database.ScriptEvaluate(script.Hash, keys, arguments, Where);
            }
            catch (RedisServerException exception) when (exception.Message.StartsWith("NOSCRIPT", StringComparison.Ordinal))
            {
                return database.Execute("EVAL", WithText(script, keys, arguments), Where);
            }
            catch (RedisServerException exception) when (RedisErrors.IsMoved(exception) && moves < MostMoves)
            {
                // As above.
            }
        }
    }

    // A new server, one that was restarted, or SCRIPT FLUSH. The text brings its hash back.
    private static object[] WithText(RedisScript script, RedisKey[] keys, RedisValue[] arguments) =>
        [script.Text, keys.Length, .. keys.Select(static key => (object)key), .. arguments.Select(static argument => (object)argument)];
}
