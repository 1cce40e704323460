namespace AgentHosting.Routing.Evaluation;

/// <summary>Subjects of the MMLU by their kind. A whole kind held out tells more about prompts of another kind than a held-out subject with like ones left in.</summary>
public static class SubjectGroups
{
    private static readonly Dictionary<string, string> GroupOf = Index(
        ("quantitative", "astronomy college_chemistry college_computer_science college_mathematics computer_security conceptual_physics econometrics electrical_engineering formal_logic high_school_chemistry high_school_physics high_school_statistics machine_learning professional_accounting"),
        ("medicine", "anatomy clinical_knowledge college_medicine high_school_biology human_aging human_sexuality nutrition professional_medicine"),
        ("law", "international_law professional_law"),
        ("humanities", "high_school_european_history high_school_world_history logical_fallacies moral_disputes moral_scenarios prehistory world_religions"),
        ("social", "high_school_geography high_school_government_and_politics high_school_macroeconomics high_school_microeconomics high_school_psychology public_relations security_studies sociology us_foreign_policy"),
        ("business", "business_ethics global_facts management marketing miscellaneous"));

    /// <summary>The group of a subject, or its own name where it belongs to none.</summary>
    /// <param name="subject">The subject.</param>
    /// <returns>The group.</returns>
    public static string Of(string subject) => GroupOf.GetValueOrDefault(subject, subject);

    private static Dictionary<string, string> Index(params (string Group, string Subjects)[] groups) =>
        groups.SelectMany(group => group.Subjects.Split(' ').Select(subject => (subject, group.Group)))
            .ToDictionary(pair => pair.subject, pair => pair.Group, StringComparer.Ordinal);
}
