using System.ComponentModel.DataAnnotations;
using AgentHosting.ResponseCaching.Internal;

namespace AgentHosting.ResponseCaching;

/// <summary>Settings of the semantic part of the response cache, which needs an <c>IEmbeddingGenerator&lt;string, Embedding&lt;float&gt;&gt;</c>
/// and <see cref="ResponseCacheOptions.SizeLimit"/> above 0: an answer that this process no longer keeps is not found by other words.</summary>
public class SemanticCacheOptions
{
    /// <summary>Whether an answer may be used for a question in other words.</summary>
    /// <value>The default is <see langword="false"/>.</value>
    public bool Enabled { get; set; }

    /// <summary>The least cosine similarity of two questions that may share an answer, 0.95 to 1.</summary>
    /// <value>The default is 0.95.</value>
    [Range(0.95, 1.0)]
    public double Threshold { get; set; } = ResponseCacheDefaults.SemanticThreshold;

    /// <summary>How many partitions (tenant, model, instructions, tools, options, earlier messages) are kept; the least recently used go first.</summary>
    /// <value>The default is 256.</value>
    [Range(1, 1_000_000)]
    public int MaxPartitions { get; set; } = ResponseCacheDefaults.SemanticMaxPartitions;

    /// <summary>How many questions are kept in a partition; the oldest go first.</summary>
    /// <value>The default is 256.</value>
    [Range(1, 1_000_000)]
    public int MaxEntriesPerPartition { get; set; } = ResponseCacheDefaults.SemanticMaxEntries;

    /// <summary>The longest question that is compared, in characters. Embedding models cut longer ones off, so that their ends would go unseen.</summary>
    /// <value>The default is 512.</value>
    [Range(1, 100_000)]
    public int MaxQuestionLength { get; set; } = ResponseCacheDefaults.SemanticMaxQuestionLength;

    /// <summary>How long a call waits for the embedding before it goes on without, at most a day.</summary>
    /// <value>The default is 1 second.</value>
    public TimeSpan EmbeddingTimeout { get; set; } = ResponseCacheDefaults.EmbeddingTimeout;
}
