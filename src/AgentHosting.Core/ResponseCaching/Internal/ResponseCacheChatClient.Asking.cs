using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching.Internal;

internal sealed partial class ResponseCacheChatClient
{
    // So often a caller waits for others who are then refused. Under steady traffic it would else wait for ever new ones.
    private const int MaxRefusals = 16;
    private static readonly TimeSpan LockPollInterval = TimeSpan.FromMilliseconds(50);

    private async Task<ChatResponse> AskAsync(CacheCall call, CancellationToken cancellationToken)
    {
        while (true)
        {
            var flight = Board(call, isStreaming: false, out var leads);
            try
            {
                var result = flight is WholeFlight whole
                    ? await whole.WaitAsync(cancellationToken)
                    : await ReadToEndAsync((StreamFlight)flight, cancellationToken);
                if (leads || result?.Answer is not null)
                {
                    return Answer(result!, call, leads);
                }
            }
            catch (Exception exception) when (!leads && MayTakeOver(call, flight, exception, cancellationToken))
            {
                LogHandedOver(exception);
                continue;
            }
            finally
            {
                if (leads)
                {
                    call.Report();
                }

                await flight.LeaveAsync();
            }

            return await AloneAsync(call, cancellationToken);
        }
    }

    /// <summary>Joins the call that is under way for the same request, or starts one.</summary>
    private Flight Board(CacheCall call, bool isStreaming, out bool leads)
    {
        Flight flight;
        if (call.IsRefresh || call.Refusals > MaxRefusals)
        {
            // A refresh wants an answer that is newer than the request: one under way may be the one that was rejected.
            leads = true;
            flight = Create(call, isStreaming, table: null);
        }
        else
        {
            flight = _flights.JoinOrCreate(
                call.Key, static state => state.self.Create(state.call, state.isStreaming, state.self._flights), (self: this, call, isStreaming), out leads);
        }

        call.IsShared(!leads);
        if (leads && flight is WholeFlight whole)
        {
            _ = whole.RunAsync(static (state, token) => state.self.AskWholeAsync(state.call, token), (self: this, call));
        }

        return flight;
    }

    private Flight Create(CacheCall call, bool isStreaming, FlightTable? table) =>
        isStreaming ? CreateStream(call, table) : new WholeFlight(table, call.Key, call.HandOvers);

    private StreamFlight CreateStream(CacheCall call, FlightTable? table) => new(
        table,
        call.Key,
        call.HandOvers,
        _options.MaxEntryBytes,
        token => OpenAsync(call, token),
        updates => Ended(call, updates.ToChatResponse()),
        () => UnlockAsync(call));

    private async ValueTask<FlightResult> AskWholeAsync(CacheCall call, CancellationToken cancellationToken)
    {
        try
        {
            return await FindAsync(call, cancellationToken)
                ?? Ended(call, await InnerClient.GetResponseAsync(call.Messages, call.Options, cancellationToken));
        }
        finally
        {
            await UnlockAsync(call);
        }
    }

    private async ValueTask<object> OpenAsync(CacheCall call, CancellationToken cancellationToken) =>
        (object?)await FindAsync(call, cancellationToken) ?? InnerClient.GetStreamingResponseAsync(call.Messages, call.Options, cancellationToken);

    /// <summary>Looks where it takes time to look. What comes back empty holds the lock between replicas, if there is one.</summary>
    private async ValueTask<FlightResult?> FindAsync(CacheCall call, CancellationToken cancellationToken)
    {
        if (call.IsRefresh)
        {
            _metrics.Refreshed();
            if (_semantic is not null && call.Question is { } asked)
            {
                // The new answer is to replace the old one for other wordings too.
                await _semantic.EmbedAsync(asked, cancellationToken);
            }

            call.Order = Interlocked.Increment(ref _order);
            return null;
        }

        // The call that was under way may have ended between the look and the start of this one.
        if (_memory.Find(call.Key) is { } late)
        {
            return new FlightResult { Answer = late, Level = "memory" };
        }

        if (_shared is not null && await ReadSharedAsync(call, cancellationToken) is { Answer: { } answer } stored)
        {
            _memory.Set(call.Key, answer, DateTimeOffset.FromUnixTimeMilliseconds(stored.ExpiresAt), _options.MaxEntryBytes);
            return new FlightResult { Answer = answer, Level = "store" };
        }

        if (_semantic is not null
            && call.Question is { } question
            && await _semantic.FindAsync(question, cancellationToken) is { } near
            && _memory.Find(near.Key) is { } shared)
        {
            return new FlightResult { Answer = shared, Level = "semantic", Similarity = near.Similarity };
        }

        _metrics.Missed();
        call.Order = Interlocked.Increment(ref _order);
        return null;
    }

    private async ValueTask<StoredAnswer?> ReadSharedAsync(CacheCall call, CancellationToken cancellationToken)
    {
        var started = _services.Time.GetTimestamp();
        while (true)
        {
            if (await _shared!.ReadAsync(call.Key, cancellationToken) is { } stored)
            {
                return stored;
            }

            // Whoever gets the lock looks once more: the last holder may have stored its answer since.
            if (call.Held is not null || !_shared.HasLock || _services.Time.GetElapsedTime(started) >= _options.LockLease)
            {
                return null;
            }

            (var mayAsk, call.Held) = await _shared.TryLockAsync(call.Key, cancellationToken);
            if (mayAsk && call.Held is null)
            {
                return null;
            }

            if (!mayAsk)
            {
                await Task.Delay(LockPollInterval, _services.Time, cancellationToken);
            }
        }
    }

    private async ValueTask UnlockAsync(CacheCall call)
    {
        if (call.Held is { } held)
        {
            call.Held = null;
            await _shared!.UnlockAsync(held);
        }
    }

    /// <summary>Takes a complete answer down, and stores it where it may be stored.</summary>
    private FlightResult Ended(CacheCall call, ChatResponse response)
    {
        var answer = CachedAnswer.TryCreate(response, call.InnerContext?.ServedByModel);
        if (answer is null || answer.Size > _options.MaxEntryBytes)
        {
            return new FlightResult { Response = response };
        }

        // What a call that began later has stored stays, here and in the shared cache: it may be the refresh of an answer that was rejected.
        if (AnswerRules.MayStore(response)
            && _memory.Set(call.Key, answer, call.ExpiresAt, _options.MaxEntryBytes, call.Order, call.Question is { Vector: not null } question ? question : null)
            && _shared is not null)
        {
            // Nobody waits for it; it is bounded in time, and its failures are counted where they happen.
            _ = WriteSharedAsync(call, answer);
        }

        return new FlightResult { Answer = answer, Response = response };
    }

    private async Task WriteSharedAsync(CacheCall call, CachedAnswer answer)
    {
        // The lock goes with the answer: let go before it is stored, another replica would find neither.
        var held = call.Held;
        call.Held = null;
        await _shared!.WriteAsync(call.Key, answer, call.ExpiresAt, CancellationToken.None);
        if (held is not null)
        {
            await _shared.UnlockAsync(held);
        }
    }

    private ChatResponse Answer(FlightResult result, CacheCall call, bool leads)
    {
        if (result.Level is { } level)
        {
            _metrics.Hit(result.Answer!, level);
            call.Free(result.Answer);
            return AnswerReplay.ToResponse(result.Answer!, ResponseCacheProperties.Hit, result.Similarity);
        }

        if (leads)
        {
            return result.Response!;
        }

        _metrics.Joined(result.Answer);
        call.Free(result.Answer);
        return AnswerReplay.ToResponse(result.Answer!, ResponseCacheProperties.Joined);
    }

    /// <summary>
    /// Whether one who waited for a failed call may take its place. A refusal is that of the caller who got it, so the next one tries for itself. Any other
    /// failure is tried once more by one of those who waited; what that gets, all get.
    /// </summary>
    private static bool MayTakeOver(CacheCall call, Flight flight, Exception exception, CancellationToken cancellationToken)
    {
        if (cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        if (exception is AgentRequestRejectedException)
        {
            call.Refusals++;
            return true;
        }

        if (call.HandOvers > 0 || flight.HandOvers > 0)
        {
            return false;
        }

        call.HandOvers = 1;
        return true;
    }

    private static async Task<FlightResult?> ReadToEndAsync(StreamFlight flight, CancellationToken cancellationToken)
    {
        if (flight.TryRead() is not { } reader)
        {
            return null;
        }

        while (!flight.IsTooLarge && await flight.NextAsync(reader, cancellationToken) is not null)
        {
        }

        return flight.Result;
    }

    private async Task<ChatResponse> AloneAsync(CacheCall call, CancellationToken cancellationToken)
    {
        _metrics.Missed();
        call.IsShared(false);
        try
        {
            return await InnerClient.GetResponseAsync(call.Messages, call.Options, cancellationToken);
        }
        finally
        {
            call.Report();
        }
    }
}
