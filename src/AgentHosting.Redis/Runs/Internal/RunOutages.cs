using AgentHosting.Redis.Connections.Internal;
using AgentHosting.Runs;

namespace AgentHosting.Redis.Runs.Internal;

/// <summary>Says in the words of the contract that Redis was not there, or not able.</summary>
internal static class RunOutages
{
    /// <exception cref="RunStoreUnavailableException">The command was not carried out, or nobody knows whether it was. It may be repeated.</exception>
    public static async Task<T> TellAsync<T>(Task<T> command)
    {
        try
        {
            return await command;
        }
        catch (Exception exception) when (RedisErrors.IsOutage(exception))
        {
            throw Of(exception);
        }
    }

    /// <exception cref="RunStoreUnavailableException">The command was not carried out, or nobody knows whether it was. It may be repeated.</exception>
    public static T Tell<T>(Func<T> command)
    {
        try
        {
            return command();
        }
        catch (Exception exception) when (RedisErrors.IsOutage(exception))
        {
            throw Of(exception);
        }
    }

    private static RunStoreUnavailableException Of(Exception exception) => new(
        exception is TimeoutException and not StackExchange.Redis.RedisTimeoutException
            ? exception.Message
            : $"Redis does not take the command now, or its answer was lost: {exception.Message}",
        exception);
}
