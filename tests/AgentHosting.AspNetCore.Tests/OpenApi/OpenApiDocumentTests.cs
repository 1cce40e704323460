using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;

namespace AgentHosting.AspNetCore.Tests.OpenApi;

public sealed class OpenApiDocumentTests
{
    [Fact]
    public async Task Document_Operations_AreAllThereWithTheirResponses()
    {
        var document = await GetDocumentAsync();

        var operations =
            from path in document.GetProperty("paths").EnumerateObject()
            from operation in path.Value.EnumerateObject()
            select $"{operation.Name} {path.Name} {operation.Value.GetProperty("operationId").GetString()} {string.Join(' ', operation.Value.GetProperty("responses").EnumerateObject().Select(response => response.Name))}";
        Assert.Equal(
            [
                "delete /agent/sessions/{session_id} DeleteAgentSession 204 403 404 409 503",
                "get /agent/events/{task_id} WatchAgentRun 200 204 400 403 404 503",
                "get /agent/sessions/{session_id} GetAgentSession 200 403 404 503",
                "get /agent/status/{task_id} GetAgentRun 200 400 403 404 503",
                "get /health Health 200 503",
                "get /health/live HealthLive 200",
                "get /health/ready HealthReady 200 503",
                "post /agent/approvals/{task_id} ApproveAgentRun 202 400 403 404 409 413 415 503",
                "post /agent/cancel/{task_id} CancelAgentRun 202 403 404 409 503",
                "post /agent/events/{task_id} RaiseAgentRunEvent 202 400 403 404 409 413 415 503",
                "post /agent/run RunAgent 202 400 403 409 413 415 422 429 503",
                "post /agent/stream StreamAgent 200 400 403 404 409 413 415 422 429 503",
            ],
            operations.Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task Document_Run_DescribesBodyHeaderAndErrors()
    {
        var document = await GetDocumentAsync();
        var run = document.GetProperty("paths").GetProperty("/agent/run").GetProperty("post");

        var body = run.GetProperty("requestBody");
        Assert.True(body.GetProperty("required").GetBoolean());
        Assert.Equal(["application/json"], body.GetProperty("content").EnumerateObject().Select(content => content.Name));
        var schema = Resolve(document, body.GetProperty("content").GetProperty("application/json").GetProperty("schema"));
        Assert.Equal(["message"], schema.GetProperty("required").EnumerateArray().Select(name => name.GetString()));
        Assert.Equal(
            ["message", "user_id", "session_id", "agent", "priority", "delay", "on_busy", "supersede", "metadata"],
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        var priority = schema.GetProperty("properties").GetProperty("priority");
        Assert.Equal((0, 9), (priority.GetProperty("minimum").GetInt32(), priority.GetProperty("maximum").GetInt32()));
        Assert.DoesNotContain("string", priority.GetProperty("type").GetRawText(), StringComparison.Ordinal);

        var header = Assert.Single(run.GetProperty("parameters").EnumerateArray());
        Assert.Equal(("Idempotency-Key", "header"), (header.GetProperty("name").GetString(), header.GetProperty("in").GetString()));
        Assert.False(header.TryGetProperty("required", out var required) && required.GetBoolean());
        var problem = run.GetProperty("responses").GetProperty("400").GetProperty("content");
        Assert.Equal(["application/problem+json"], problem.EnumerateObject().Select(content => content.Name));
        Assert.True(Resolve(document, problem.GetProperty("application/problem+json").GetProperty("schema")).GetProperty("properties").TryGetProperty("errors", out _));
    }

    [Fact]
    public async Task Document_Reads_DescribePathAndQueryParameters()
    {
        var document = await GetDocumentAsync();

        Assert.Equal(["path task_id True", "query user_id False", "query wait False"], Parameters(document, "/agent/status/{task_id}", "get"));
        Assert.Equal(["path session_id True", "query user_id False"], Parameters(document, "/agent/sessions/{session_id}", "delete"));
        Assert.Equal(["path task_id True", "query user_id False"], Parameters(document, "/agent/cancel/{task_id}", "post"));
        Assert.Equal(
            ["header Last-Event-ID False", "path task_id True", "query after False", "query user_id False"], Parameters(document, "/agent/events/{task_id}", "get"));
    }

    [Fact]
    public async Task Document_Status_HasTheFieldsOfTheContract()
    {
        var document = await GetDocumentAsync();
        var schema = Resolve(document, document.GetProperty("paths").GetProperty("/agent/status/{task_id}").GetProperty("get").GetProperty("responses")
            .GetProperty("200").GetProperty("content").GetProperty("application/json").GetProperty("schema"));

        Assert.Equal(
            ["task_id", "agent", "status", "result", "error", "usage", "cost", "attempts", "steps", "session_id", "created_at", "started_at", "completed_at", "waiting_for"],
            schema.GetProperty("properties").EnumerateObject().Select(property => property.Name));
        Assert.Equal("number", schema.GetProperty("properties").GetProperty("cost").GetProperty("type").GetString());
        Assert.Equal("integer", schema.GetProperty("properties").GetProperty("attempts").GetProperty("type").GetString());
    }

    private static IEnumerable<string> Parameters(JsonElement document, string path, string method) =>
        document.GetProperty("paths").GetProperty(path).GetProperty(method).GetProperty("parameters").EnumerateArray()
            .Select(parameter => $"{parameter.GetProperty("in").GetString()} {parameter.GetProperty("name").GetString()} {parameter.TryGetProperty("required", out var required) && required.GetBoolean()}")
            .Order(StringComparer.Ordinal);

    private static JsonElement Resolve(JsonElement document, JsonElement schema) =>
        schema.TryGetProperty("$ref", out var reference)
            ? document.GetProperty("components").GetProperty("schemas").GetProperty(reference.GetString()!["#/components/schemas/".Length..])
            : schema;

    // Names that a host chooses for its own types must not leak into the wire.
    private static async Task<JsonElement> GetDocumentAsync()
    {
        await using var app = await TestApp.StartAsync(
            services: services =>
            {
                services.AddOpenApi();
                services.ConfigureHttpJsonOptions(options => options.SerializerOptions.PropertyNamingPolicy = JsonNamingPolicy.KebabCaseUpper);
            },
            map: mapped =>
            {
                mapped.MapOpenApi();
                mapped.MapAgentHosting();
            });
        using var response = await app.GetAsync("/openapi/v1.json");
        return await TestApp.ReadAsync(response);
    }
}
