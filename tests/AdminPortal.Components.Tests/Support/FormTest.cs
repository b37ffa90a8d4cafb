using System.Linq.Expressions;
using AdminPortal.Ui;
using FluentValidation;
using Microsoft.AspNetCore.Components;
using Microsoft.AspNetCore.Components.Forms;
using Microsoft.Extensions.DependencyInjection;

namespace AdminPortal.Components.Tests.Support;

/// <summary>A model with one property for every sort of field.</summary>
public sealed class TestModel
{
    public string Text { get; set; } = "";

    public string Secret { get; set; } = "";

    public IReadOnlyList<string> Tags { get; set; } = [];

    public int Number { get; set; } = 15;

    public bool Agreed { get; set; }
}

/// <summary>Its rules.</summary>
internal sealed class TestModelValidator : AbstractValidator<TestModel>
{
    public TestModelValidator()
    {
        RuleFor(model => model.Text).NotEmpty().WithMessage("Enter the text.");
        RuleFor(model => model.Number).LessThan(100).WithMessage("Enter less than 100.");
    }
}

/// <summary>A form around one field, with the rules of <see cref="TestModelValidator"/>.</summary>
public abstract class FormTest : BunitContext
{
    protected FormTest()
    {
        Services.AddLogging().AddLocalization();
        Services.AddSingleton<IValidator<TestModel>, TestModelValidator>();
        JSInterop.Mode = JSRuntimeMode.Loose;
    }

    internal TestModel Model { get; } = new();

    internal FormValidator<TestModel> Validator { get; private set; } = null!;

    /// <summary>Renders the field in a form; <paramref name="add"/> sets what else the field is to have.</summary>
    internal IRenderedComponent<EditForm> RenderField<TField, TValue>(
        Expression<Func<TValue>> property, TValue value, Action<TValue> set, string label, params (string Name, object Value)[] add)
        where TField : InputBase<TValue> => Render<EditForm>(form => form
            .Add(f => f.Model, Model)
            .Add(f => f.ChildContent, _ => builder =>
            {
                builder.OpenComponent<FormValidator<TestModel>>(0);
                builder.AddComponentReferenceCapture(1, reference => Validator = (FormValidator<TestModel>)reference);
                builder.CloseComponent();
                builder.OpenComponent<TField>(2);
                builder.AddAttribute(3, "Value", value);
                builder.AddAttribute(4, "ValueChanged", EventCallback.Factory.Create(this, set));
                builder.AddAttribute(5, "ValueExpression", property);
                builder.AddAttribute(6, "Label", label);
                foreach (var (name, extra) in add) builder.AddAttribute(7, name, extra);
                builder.CloseComponent();
            }));
}
