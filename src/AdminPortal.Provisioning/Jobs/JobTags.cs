using AdminPortal.Provisioning.Shared;
using FluentValidation;
using Microsoft.Extensions.Localization;

namespace AdminPortal.Provisioning.Jobs;

/// <summary>The tags that a job adds or removes, as a person enters them.</summary>
public sealed class JobTags
{
    public IReadOnlyList<string> Tags { get; set; } = [];
}

internal sealed class JobTagsValidator : AbstractValidator<JobTags>
{
    public JobTagsValidator(IStringLocalizer<ProvisioningText> texts)
    {
        RuleLevelCascadeMode = CascadeMode.Stop;
        RuleFor(input => input.Tags).Must(tags => tags.Count > 0).WithMessage(_ => texts["Job.Tags.None"]).TagList(texts);
    }
}
