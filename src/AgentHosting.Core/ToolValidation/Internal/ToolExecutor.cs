using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using AgentHosting.CircuitBreakers;
using AgentHosting.Stages.Internal;
using Microsoft.Extensions.AI;
using Microsoft.Extensions.Logging;

namespace AgentHosting.ToolValidation.Internal;

/// <summary>Runs calls that may run, within the limits of their tool. A tool that fails is answered for, never thrown.</summary>
internal sealed partial class ToolExecutor(
    ToolValidationOptions options, IToolResultFilter[] filters, ICircuitBreakerStore circuits, TimeProvider timeProvider, ToolMetrics metrics, ILogger logger)
{
    private readonly ToolResultCache _cache = new(options.MaxCacheBytes, timeProvider);

    public async ValueTask<ToolOutcome> RunAsync(
        ToolEntry entry, ToolArguments read, AIFunctionArguments arguments, ToolPolicyContext context, ToolCall call, CancellationToken cancellationToken)
    {
        var settings = entry.Settings;
        var cacheKey = settings.CacheFor is null ? null : CacheKey(entry, read, context.Call);
        if (cacheKey is not null && _cache.TryGet(cacheKey, out var cached))
        {
            return await ShapeHitAsync(entry, context, cached, cancellationToken);
        }

        if (entry.Gate.Take(settings.CallsPerMinute) is { } wait)
        {
            return ToolOutcome.Error(ToolErrorCodes.RateLimited, $"this tool may be called {settings.CallsPerMinute} times a minute. Try again in {Seconds(wait)} seconds, or do without it.");
        }

        for (var attempt = 0; ; attempt++)
        {
            var outcome = await AttemptAsync(entry, read, arguments, context, call, attempt, cacheKey, cancellationToken);
            if (outcome is { } done)
            {
                return done;
            }

            await Task.Delay(options.RetryDelay * Math.Pow(2, attempt) * (RandomNumberGenerator.GetInt32(int.MaxValue) / (double)int.MaxValue), timeProvider, cancellationToken);
        }
    }

    /// <returns>What the attempt came to; <see langword="null"/> when another one is to be made.</returns>
    private async ValueTask<ToolOutcome?> AttemptAsync(
        ToolEntry entry, ToolArguments read, AIFunctionArguments arguments, ToolPolicyContext context, ToolCall call, int attempt, string? cacheKey, CancellationToken cancellationToken)
    {
        var timeout = entry.Settings.DeclaredTimeout ?? call.DefaultTimeout ?? options.Timeout;
        SemaphoreSlim? place;
        try
        {
            place = await entry.Gate.EnterAsync(entry.Settings.MaxConcurrency, timeout, cancellationToken);
        }
        catch (TimeoutException)
        {
            return ToolOutcome.Error(ToolErrorCodes.RateLimited, "too many calls of this tool are under way. Try again later, or do without it.");
        }

        CircuitDecision? permit = null;
        try
        {
            permit = entry.Circuit is null ? null : await circuits.TryAcquireAsync(entry.CircuitKey, entry.Circuit, cancellationToken);
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogCircuitStoreFailed(logger, exception, entry.Name);
        }
        catch
        {
            place?.Release();
            throw;
        }

        if (permit is { IsAllowed: false } refused)
        {
            place?.Release();
            return ToolOutcome.Error(ToolErrorCodes.Unavailable, $"this tool has failed too often and is left alone for {Seconds(refused.RetryAfter)} seconds. Do without it.");
        }

        if (attempt == 0 && call.BeforeCall is { } begin && await BeginAsync(() => begin(entry, read, context), entry, place, permit) is { } instead)
        {
            return instead;
        }

        var outcome = CircuitOutcome.Neutral;
        try
        {
            // The place is given back when the tool is done: one that does not stop still takes it, also when it was left behind.
            var result = await BoundedCall.RunAsync(token => InvokeAsync(entry, arguments, place, call.OnInvoke, token), timeout, timeProvider, OnAbandoned, cancellationToken);
            outcome = CircuitOutcome.Success;
            if (cacheKey is not null && ToolResults.SizeOf(result) is { } size)
            {
                _cache.Set(cacheKey, result, size, entry.Settings.CacheFor!.Value);
            }

            return new ToolOutcome(await ShapeAsync(entry, context, result, cancellationToken));
        }
        catch (ToolPutAsideException exception)
        {
            return ToolOutcome.Error(ToolErrorCodes.Failed, exception.Message);
        }
        catch (TimeoutException exception) when (!cancellationToken.IsCancellationRequested)
        {
            outcome = CircuitOutcome.Failure;
            LogFailed(logger, exception, entry.Name, context.Call?.RunId);
            return ToolOutcome.Error(ToolErrorCodes.Timeout, $"the tool did not answer within {Seconds(timeout)} seconds.");
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            // Arguments that the schema allows and the tool does not are no sign of a sick tool.
            var isTransient = exception is not (ArgumentException or JsonException or NotSupportedException or NotImplementedException or UnauthorizedAccessException);
            outcome = outcome == CircuitOutcome.Success || !isTransient ? CircuitOutcome.Neutral : CircuitOutcome.Failure;
            LogFailed(logger, exception, entry.Name, context.Call?.RunId);
            return attempt < entry.Settings.MaxRetries && outcome == CircuitOutcome.Failure ? null : ToolOutcome.Error(ToolErrorCodes.Failed, "the tool failed.");
        }
        finally
        {
            await ReportAsync(entry, permit, outcome);
        }

        void OnAbandoned()
        {
            metrics.Abandoned(entry.Name);
            LogAbandoned(logger, entry.Name, context.Call?.RunId);
        }
    }

    // What it throws is about the run that calls, and no failure of the tool.
    private async ValueTask<ToolOutcome?> BeginAsync(Func<ValueTask<ToolOutcome?>> begin, ToolEntry entry, SemaphoreSlim? place, CircuitDecision? permit)
    {
        var isMade = false;
        try
        {
            var instead = await begin();
            isMade = instead is null;
            return instead;
        }
        finally
        {
            if (!isMade)
            {
                place?.Release();
                await ReportAsync(entry, permit, CircuitOutcome.Neutral);
            }
        }
    }

    private async ValueTask ReportAsync(ToolEntry entry, CircuitDecision? permit, CircuitOutcome outcome)
    {
        if (permit is not { } taken)
        {
            return;
        }

        try
        {
            var report = await circuits.ReportAsync(taken.Permit, entry.Circuit!, outcome, TimeSpan.Zero, CancellationToken.None);
            if (report.Transition == CircuitTransition.Opened)
            {
                LogCircuitOpened(logger, entry.Name, report.OpenFor);
            }
        }
        catch (Exception exception)
        {
            LogCircuitStoreFailed(logger, exception, entry.Name);
        }
    }

    // The filters see each caller: what one may read is not for all who share the result.
    private async ValueTask<ToolOutcome> ShapeHitAsync(ToolEntry entry, ToolPolicyContext context, object? result, CancellationToken cancellationToken)
    {
        try
        {
            return new ToolOutcome(await ShapeAsync(entry, context, result, cancellationToken));
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            LogFailed(logger, exception, entry.Name, context.Call?.RunId);
            return ToolOutcome.Error(ToolErrorCodes.Failed, "the tool failed.");
        }
    }

    private async ValueTask<object?> ShapeAsync(ToolEntry entry, ToolPolicyContext context, object? result, CancellationToken cancellationToken)
    {
        foreach (var filter in filters)
        {
            result = await filter.FilterAsync(context, result, cancellationToken);
        }

        return ToolResults.Cap(result, entry.Settings.MaxResultLength, entry.Tool.JsonSerializerOptions);
    }

    // By the very tool: two of one name and schema may do different things. A cache scope never stands for the tenant: it says something about answers of
    // models, and whoever sets it may not know what the tools read. Only IsCacheShared joins tenants.
    private static string? CacheKey(ToolEntry entry, ToolArguments read, AgentCallContext? call)
    {
        var scope = entry.Settings.IsCacheShared ? "shared"
            : !string.IsNullOrWhiteSpace(call?.TenantId) ? $"tenant {call.TenantId}"
            : !string.IsNullOrWhiteSpace(call?.UserId) ? $"user {call.UserId}"
            : null;
        if (scope is null)
        {
            return null;
        }

        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        foreach (var part in (string[])[scope, call?.CacheScope ?? "", entry.Id])
        {
            hash.AppendData(BitConverter.GetBytes(part.Length));
            hash.AppendData(Encoding.UTF8.GetBytes(part));
        }

        hash.AppendData(read.Canonical);
        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    // On the thread pool: a tool that never yields must not hold up the time limit.
    private Task<object?> InvokeAsync(ToolEntry entry, AIFunctionArguments arguments, SemaphoreSlim? place, Func<IDisposable>? onInvoke, CancellationToken token) => Task.Run(
        async () =>
        {
            try
            {
                token.ThrowIfCancellationRequested();
                var result = await CallAsync();
                // Within the time limit, since what a tool returns may be made only while it is read. Where filters follow it is cut far beyond what is kept, so
                // that no filter reads a hundred megabytes and none misses what the cut that counts goes through.
                return ToolResults.Cap(result, (int)Math.Min(int.MaxValue, (filters.Length > 0 ? 2L : 1L) * entry.Settings.MaxResultLength), entry.Tool.JsonSerializerOptions);
            }
            finally
            {
                place?.Release();
            }

            ValueTask<object?> CallAsync()
            {
                using (onInvoke?.Invoke())
                {
                    return entry.Tool.InvokeAsync(arguments, token);
                }
            }
        },
        CancellationToken.None);

    private static string Seconds(TimeSpan time) => time.TotalSeconds.ToString("0.###", CultureInfo.InvariantCulture);
}
