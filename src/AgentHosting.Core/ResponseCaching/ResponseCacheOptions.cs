using System.ComponentModel.DataAnnotations;
using AgentHosting.ResponseCaching.Internal;
using Microsoft.Extensions.AI;

namespace AgentHosting.ResponseCaching;

/// <summary>Settings of <c>UseResponseCache</c>.</summary>
public class ResponseCacheOptions
{
    /// <summary>How long an answer may be used, at most 45 days. A call can ask for another time, up to 10 years.</summary>
    /// <value>The default is 1 hour.</value>
    public TimeSpan TimeToLive { get; set; } = ResponseCacheDefaults.TimeToLive;

    /// <summary>The largest answer that is stored, in bytes, and how much of a stream is kept for those who join it.</summary>
    /// <value>The default is 1,048,576 (1 MiB).</value>
    [Range(1_024, 1 << 30)]
    public int MaxEntryBytes { get; set; } = ResponseCacheDefaults.MaxEntryBytes;

    /// <summary>How many bytes of answers, keys and the questions of the semantic cache included, this process keeps; the least recently used go first. 0 leaves keeping to the <c>HybridCache</c> alone.</summary>
    /// <value>The default is 67,108,864 (64 MiB).</value>
    [Range(0, 1L << 40)]
    public long SizeLimit { get; set; } = ResponseCacheDefaults.SizeLimit;

    /// <summary>How long a call waits for the shared cache, or for its lock, before it goes on without; at most a day.</summary>
    /// <value>The default is 250 milliseconds.</value>
    public TimeSpan StoreTimeout { get; set; } = ResponseCacheDefaults.StoreTimeout;

    /// <summary>After how many failures in a row the shared cache is left alone for <see cref="StoreBreakDuration"/>.</summary>
    /// <value>The default is 5.</value>
    [Range(1, 1_000_000)]
    public int StoreFailureThreshold { get; set; } = ResponseCacheDefaults.StoreFailureThreshold;

    /// <summary>How long the shared cache is left alone after it failed, at most a day. Then one call tries it.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan StoreBreakDuration { get; set; } = ResponseCacheDefaults.StoreBreakDuration;

    /// <summary>How long one replica may hold an <see cref="IResponseCacheLock"/>, and how long the others wait for its answer; at most a day.</summary>
    /// <value>The default is 30 seconds.</value>
    public TimeSpan LockLease { get; set; } = ResponseCacheDefaults.LockLease;

    /// <summary>The version of whatever filters answers below the cache. Change it with those rules, so that answers filtered by older ones are not used.</summary>
    /// <value>The default is an empty string.</value>
    [Required(AllowEmptyStrings = true)]
    public string PolicyVersion { get; set; } = string.Empty;

    /// <summary>Whether a request may be answered from the cache and stored in it, asked after the built-in rules have said yes.</summary>
    /// <value>The default is <see langword="null"/>: yes.</value>
    public Func<IReadOnlyList<ChatMessage>, ChatOptions?, bool>? ShouldCache { get; set; }

    /// <summary>Answers questions that were asked before in other words. Off unless <see cref="SemanticCacheOptions.Enabled"/>.</summary>
    [Required]
    public SemanticCacheOptions Semantic { get; set; } = new();
}
