namespace AgentHosting.Load.Crashes.Oracle;

/// <summary>How long a call takes: between a quarter of the longest time and all of it, by what is called.</summary>
internal static class OracleDelay
{
    public static TimeSpan Of(int number, int position, int longestMilliseconds)
    {
        var share = 0.25 + (0.75 * (((number * 31) + (position * 17)) % 97) / 96.0);
        return TimeSpan.FromMilliseconds(longestMilliseconds * share);
    }
}
