using System.Security.Cryptography;

namespace AgentHosting.Runs.Internal;

/// <summary>Exponential backoff with full jitter (AWS Architecture Blog, "Exponential Backoff And Jitter", 2015).</summary>
internal static class RetryBackoff
{
    public static TimeSpan Delay(int failures, TimeSpan first, TimeSpan most)
    {
        var ceiling = Math.Min(most.TotalMilliseconds, first.TotalMilliseconds * Math.Pow(2, Math.Min(failures - 1, 30)));
        return ceiling < 1 ? TimeSpan.FromMilliseconds(ceiling) : TimeSpan.FromMilliseconds(RandomNumberGenerator.GetInt32((int)Math.Min(ceiling, int.MaxValue - 1)) + 1);
    }
}
