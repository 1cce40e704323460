namespace AgentHosting.Retries.Internal;

/// <summary>Tells on an exception how many attempts it ended.</summary>
internal static class RetryAttempts
{
    public const string Key = "agenthosting.attempts";

    public static void Note(Exception exception, int attempts)
    {
        var data = exception.Data;

        // A client may throw the same exception to several callers at once, and the dictionary is not safe for that.
        lock (data.SyncRoot)
        {
            if (!data.IsReadOnly)
            {
                data[Key] = attempts;
            }
        }
    }
}
