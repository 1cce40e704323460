namespace AgentHosting.Routing.Evaluation;

/// <summary>
/// Logistic regression on binned features. Each weight is the step from one bin to the next, so the penalty keeps neighbouring bins alike, and a step
/// that has a least value is kept at or above it.
/// </summary>
/// <param name="constraints">For each step its least value, if it has one, and how strongly it is drawn there, or else to 0.</param>
/// <param name="rows">For each row the indices of the steps it has taken.</param>
internal sealed class LogisticFit((double? LeastStep, double Penalty)[] constraints, int[][] rows)
{
    private const int OuterRounds = 12;
    private const int InnerRounds = 200;
    private const double Precision = 1e-7;
    private const double LeastCurvature = 1e-5;

    /// <summary>Fits the steps; the last value is the bias.</summary>
    public double[] Fit(double[] targets)
    {
        var beta = new double[constraints.Length + 1];
        for (var round = 0; round < OuterRounds; round++)
        {
            var (gram, right) = NormalEquations(beta, targets);
            Descend(gram, right, beta);
        }

        return beta;
    }

    public static double Score(double[] beta, int[] steps)
    {
        var sum = beta[^1];
        foreach (var step in steps)
        {
            sum += beta[step];
        }

        return sum;
    }

    /// <summary>The line that turns scores into log-odds of the targets.</summary>
    public static (double Scale, double Bias) Calibrate(double[] scores, double[] targets)
    {
        double scale = 1, bias = 0;
        for (var round = 0; round < OuterRounds * 2; round++)
        {
            double g0 = 0, g1 = 0, h00 = 0, h01 = 0, h11 = 0;
            for (var i = 0; i < scores.Length; i++)
            {
                var probability = Probability((scale * scores[i]) + bias);
                var curvature = Math.Max(probability * (1 - probability), LeastCurvature);
                g0 += targets[i] - probability;
                g1 += (targets[i] - probability) * scores[i];
                h00 += curvature;
                h01 += curvature * scores[i];
                h11 += curvature * scores[i] * scores[i];
            }

            var determinant = (h00 * h11) - (h01 * h01);
            bias += ((h11 * g0) - (h01 * g1)) / determinant;
            scale += ((h00 * g1) - (h01 * g0)) / determinant;
        }

        return (scale, bias);
    }

    private static double Probability(double score) => 1 / (1 + Math.Exp(-score));

    // Newton's quadratic around beta.
    private (double[][] Gram, double[] Right) NormalEquations(double[] beta, double[] targets)
    {
        var gram = Array.ConvertAll(beta, _ => new double[beta.Length]);
        var right = new double[beta.Length];
        var active = new int[beta.Length];
        for (var row = 0; row < rows.Length; row++)
        {
            var steps = rows[row];
            var score = Score(beta, steps);
            var probability = Probability(score);
            // Each prompt is in the rows twice.
            var curvature = Math.Max(probability * (1 - probability), LeastCurvature) / 2;
            var working = (curvature * score) + ((targets[row] - probability) / 2);
            steps.CopyTo(active, 0);
            active[steps.Length] = beta.Length - 1;
            for (var i = 0; i <= steps.Length; i++)
            {
                right[active[i]] += working;
                var line = gram[active[i]];
                for (var k = 0; k <= steps.Length; k++)
                {
                    line[active[k]] += curvature;
                }
            }
        }

        for (var i = 0; i < constraints.Length; i++)
        {
            gram[i][i] += constraints[i].Penalty;
            right[i] += constraints[i].Penalty * (constraints[i].LeastStep ?? 0);
        }

        return (gram, right);
    }

    // Coordinate by coordinate, because a sign can be kept at each step.
    private void Descend(double[][] gram, double[] right, double[] beta)
    {
        for (var round = 0; round < InnerRounds; round++)
        {
            double largest = 0;
            for (var i = 0; i < beta.Length; i++)
            {
                var rest = right[i];
                for (var k = 0; k < beta.Length; k++)
                {
                    rest -= gram[i][k] * beta[k];
                }

                var next = beta[i] + (rest / gram[i][i]);
                if (i < constraints.Length && constraints[i].LeastStep is { } least)
                {
                    next = Math.Max(least, next);
                }

                largest = Math.Max(largest, Math.Abs(next - beta[i]));
                beta[i] = next;
            }

            if (largest < Precision)
            {
                return;
            }
        }
    }
}
